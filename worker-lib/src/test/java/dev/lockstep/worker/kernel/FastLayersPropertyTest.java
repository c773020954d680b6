package dev.lockstep.worker.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.nd4j.linalg.activations.Activation;

/** Our layers beside DL4J's on random shapes. Each stands behind a 1x1 convolution, whose gradient needs its input's. */
class FastLayersPropertyTest {

    /** A window that fits its image. */
    record Shapes(
            int batch,
            int channels,
            int height,
            int width,
            int[] kernel,
            int[] stride,
            int[] padding,
            int[] dilation,
            boolean same) {

        @Override
        public String toString() {
            return batch + " x [" + channels + ", " + height + ", " + width + "], kernel " + Arrays.toString(kernel)
                    + ", stride " + Arrays.toString(stride) + ", padding " + Arrays.toString(padding) + ", dilation "
                    + Arrays.toString(dilation) + (same ? ", same" : ", truncate");
        }

        ConvolutionMode mode() {
            return same ? ConvolutionMode.Same : ConvolutionMode.Truncate;
        }

        InputType input() {
            return InputType.convolutional(height, width, 2);
        }

        Layer mixer() {
            return new ConvolutionLayer.Builder(1, 1)
                    .nOut(channels)
                    .activation(Activation.IDENTITY)
                    .build();
        }

        boolean fits() {
            return fits(0, height) && fits(1, width);
        }

        private boolean fits(int side, int in) {
            int reach = (kernel[side] - 1) * dilation[side] + 1;
            // DL4J refuses "same" where a stride leaps over the kernel.
            return same ? reach >= stride[side] : reach <= in + 2 * padding[side];
        }
    }

    private static Arbitrary<int[]> pair(int from, int to) {
        return Combinators.combine(
                        Arbitraries.integers().between(from, to),
                        Arbitraries.integers().between(from, to))
                .as((a, b) -> new int[] {a, b});
    }

    @Provide
    Arbitrary<Shapes> shapes() {
        Arbitrary<Integer> batches = Arbitraries.integers().between(1, 130);
        Arbitrary<Integer> channels = Arbitraries.integers().between(1, 64);
        Arbitrary<int[]> sizes = pair(1, 13);
        return Combinators.combine(
                        batches,
                        channels,
                        sizes,
                        pair(1, 7),
                        pair(1, 3),
                        pair(0, 6),
                        pair(1, 2),
                        Arbitraries.of(true, false))
                .as((batch, channel, size, kernel, stride, padding, dilation, same) -> new Shapes(
                        batch,
                        channel,
                        size[0],
                        size[1],
                        kernel,
                        stride,
                        same
                                ? new int[2]
                                : new int[] {Math.min(padding[0], kernel[0] - 1), Math.min(padding[1], kernel[1] - 1)},
                        dilation,
                        same))
                .filter(Shapes::fits);
    }

    @Property(tries = 60)
    void convolution(
            @ForAll("shapes") Shapes shapes,
            @ForAll @IntRange(min = 1, max = 64) int filters,
            @ForAll boolean bias,
            @ForAll @IntRange(max = 2) int activation) {
        var layer = new ConvolutionLayer.Builder(shapes.kernel())
                .stride(shapes.stride())
                .padding(shapes.padding())
                .dilation(shapes.dilation())
                .convolutionMode(shapes.mode())
                .hasBias(bias)
                .nOut(filters)
                .activation(new Activation[] {Activation.IDENTITY, Activation.RELU, Activation.TANH}[activation])
                .build();
        check(shapes, layer);
    }

    @Property(tries = 60)
    void pooling(@ForAll("shapes") Shapes shapes, @ForAll boolean max, @ForAll boolean countPadding) {
        // Dilated pooling is left to DL4J.
        Assume.that(shapes.dilation()[0] * shapes.dilation()[1] == 1);
        var layer = new SubsamplingLayer.Builder(max ? PoolingType.MAX : PoolingType.AVG)
                .kernelSize(shapes.kernel())
                .stride(shapes.stride())
                .padding(shapes.padding())
                .dilation(shapes.dilation())
                .convolutionMode(shapes.mode())
                .avgPoolIncludePadInDivisor(countPadding)
                .build();
        check(shapes, layer);
    }

    @Property(tries = 40)
    void batchNorm(
            @ForAll("shapes") Shapes shapes, @ForAll boolean logStd, @ForAll boolean lock, @ForAll boolean relu) {
        var layer = new BatchNormalization.Builder(lock)
                .useLogStd(logStd)
                .decay(0.8)
                .eps(1e-3)
                .build();
        new Nets(
                        shapes.batch(),
                        shapes.input(),
                        relu
                                ? List.of(shapes.mixer(), layer, new ActivationLayer(Activation.RELU))
                                : List.of(shapes.mixer(), layer))
                .compare(Math.max(4, shapes.batch()));
    }

    @Property(tries = 40)
    void dense(
            @ForAll @IntRange(min = 1, max = 130) int batch,
            @ForAll @IntRange(min = 1, max = 300) int in,
            @ForAll @IntRange(min = 1, max = 300) int units,
            @ForAll boolean bias,
            @ForAll boolean relu) {
        var first = new DenseLayer.Builder()
                .nOut(units)
                .hasBias(bias)
                .activation(relu ? Activation.RELU : Activation.SIGMOID)
                .build();
        var second =
                new DenseLayer.Builder().nOut(7).activation(Activation.RELU).build();
        Nets nets = new Nets(batch, InputType.feedForward(in), List.of(first, second));
        assertThat(nets.choices).allMatch(choice -> choice.stock().isEmpty());
        nets.compare(batch);
    }

    private static void check(Shapes shapes, Layer layer) {
        Nets nets = new Nets(shapes.batch(), shapes.input(), List.of(shapes.mixer(), layer));
        assertThat(nets.choices).allMatch(choice -> choice.stock().isEmpty());
        nets.compare(shapes.batch());
    }
}
