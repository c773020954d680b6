package dev.lockstep.worker.dl4j.layer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
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
            boolean same,
            CNN2DFormat format) {

        @Override
        public String toString() {
            return batch + " x [" + channels + ", " + height + ", " + width + "], kernel " + Arrays.toString(kernel)
                    + ", stride " + Arrays.toString(stride) + ", padding " + Arrays.toString(padding) + ", dilation "
                    + Arrays.toString(dilation) + (same ? ", same, " : ", truncate, ") + format;
        }

        ConvolutionMode mode() {
            return same ? ConvolutionMode.Same : ConvolutionMode.Truncate;
        }

        InputType input() {
            return InputType.convolutional(height, width, 2, format);
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
                        Combinators.combine(Arbitraries.of(true, false), Arbitraries.of(CNN2DFormat.values()))
                                .as(Map::entry))
                .as((batch, channel, size, kernel, stride, padding, dilation, modeAndFormat) -> new Shapes(
                        batch,
                        channel,
                        size[0],
                        size[1],
                        kernel,
                        stride,
                        modeAndFormat.getKey()
                                ? new int[2]
                                : new int[] {Math.min(padding[0], kernel[0] - 1), Math.min(padding[1], kernel[1] - 1)},
                        dilation,
                        modeAndFormat.getKey(),
                        modeAndFormat.getValue()))
                .filter(Shapes::fits);
    }

    /**
     * Fixed: at a kink (ReLU at 0, equal maxima) a last bit of the input decides a whole derivative, so some random case
     * would always differ. Change it to look at others.
     */
    private static final String SEED = "20261121";

    @Property(tries = 60, seed = SEED)
    void convolution(
            @ForAll("shapes") Shapes shapes,
            @ForAll @IntRange(min = 1, max = 64) int filters,
            @ForAll boolean bias,
            @ForAll("activations") Activation activation) {
        var layer = new ConvolutionLayer.Builder(shapes.kernel())
                .stride(shapes.stride())
                .padding(shapes.padding())
                .dilation(shapes.dilation())
                .convolutionMode(shapes.mode())
                .hasBias(bias)
                .nOut(filters)
                .activation(activation)
                .build();
        check(shapes, layer);
    }

    @Property(tries = 60, seed = SEED)
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

    @Property(tries = 40, seed = SEED)
    void batchNorm(
            @ForAll("shapes") Shapes shapes, @ForAll boolean logStd, @ForAll boolean lock, @ForAll boolean relu) {
        // DL4J's fails: it looks for channels in the shape of its vectors.
        Assume.that(!lock || shapes.format() == CNN2DFormat.NCHW);
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

    @Property(tries = 40, seed = SEED)
    void dense(
            @ForAll @IntRange(min = 1, max = 130) int batch,
            @ForAll @IntRange(min = 1, max = 300) int in,
            @ForAll @IntRange(min = 1, max = 300) int units,
            @ForAll boolean bias,
            @ForAll("activations") Activation activation) {
        var first = new DenseLayer.Builder()
                .nOut(units)
                .hasBias(bias)
                .activation(activation)
                .build();
        var second =
                new DenseLayer.Builder().nOut(7).activation(Activation.RELU).build();
        Nets nets = new Nets(batch, InputType.feedForward(in), List.of(first, second));
        assertThat(nets.choices).allMatch(choice -> choice.stock().isEmpty());
        nets.compare(batch);
    }

    @Property(tries = 20, seed = SEED)
    void denseBatchNorm(
            @ForAll @IntRange(min = 4, max = 130) int batch,
            @ForAll @IntRange(min = 1, max = 64) int units,
            @ForAll boolean logStd,
            @ForAll boolean lock) {
        var dense = new DenseLayer.Builder()
                .nOut(units)
                .activation(Activation.IDENTITY)
                .build();
        var norm =
                new BatchNormalization.Builder(lock).useLogStd(logStd).eps(1e-3).build();
        var layers = List.of(dense, norm, new ActivationLayer(Activation.RELU), dense, norm);
        check(new Nets(batch, InputType.feedForward(9), layers), batch);
    }

    @Property(tries = 30, seed = SEED)
    void activationLayer(@ForAll("shapes") Shapes shapes, @ForAll("activations") Activation activation) {
        var layer = new ActivationLayer(activation);
        var dense =
                new DenseLayer.Builder().nOut(5).activation(Activation.IDENTITY).build();
        var layers = List.of(shapes.mixer(), layer, dense, layer);
        check(new Nets(shapes.batch(), shapes.input(), layers), shapes.batch());
    }

    @Property(tries = 40, seed = SEED)
    void globalPooling(@ForAll("shapes") Shapes shapes, @ForAll boolean max, @ForAll boolean collapse) {
        // DL4J's fails: it takes the height for the channels.
        Assume.that(collapse || shapes.format() == CNN2DFormat.NCHW);
        var layer = new GlobalPoolingLayer.Builder(max ? PoolingType.MAX : PoolingType.AVG)
                .collapseDimensions(collapse)
                .build();
        check(shapes, layer);
    }

    /** Activations alone: DL4J's gradient is not the derivative. Ours has FastResponseNormTest. */
    @Property(tries = 40, seed = SEED)
    void localResponseNormalisation(
            @ForAll("shapes") Shapes shapes,
            @ForAll @IntRange(min = 1, max = 7) int n,
            @ForAll @DoubleRange(min = 0.5, max = 3) double k,
            @ForAll @DoubleRange(min = 0.01, max = 0.5) double alpha,
            @ForAll boolean usual) {
        // DL4J asks for the channels beyond the last one.
        Assume.that(shapes.channels() > n / 2);
        var layer = new LocalResponseNormalization.Builder(k, alpha, usual ? 0.75 : 0.6)
                .n(n)
                .build();
        Nets nets = new Nets(shapes.batch(), shapes.input(), List.of(shapes.mixer(), layer));
        assertThat(nets.choices).allMatch(choice -> choice.stock().isEmpty());
        nets.compareOutputs(nets.examples(shapes.batch()));
    }

    @Property(tries = 20, seed = SEED)
    void dropout(@ForAll("shapes") Shapes shapes, @ForAll @DoubleRange(min = 0.2, max = 0.9) double retain) {
        var pool = new SubsamplingLayer.Builder(PoolingType.MAX)
                .kernelSize(2, 2)
                .stride(2, 2)
                .convolutionMode(ConvolutionMode.Same)
                .build();
        var layers = List.of(shapes.mixer(), pool, new DropoutLayer(retain), shapes.mixer());
        check(new Nets(shapes.batch(), shapes.input(), layers), shapes.batch());
    }

    @Provide
    Arbitrary<Activation> activations() {
        return Arbitraries.of(
                Activation.IDENTITY,
                Activation.RELU,
                Activation.TANH,
                Activation.SIGMOID,
                Activation.LEAKYRELU,
                Activation.ELU,
                Activation.SELU,
                Activation.SOFTPLUS,
                Activation.SOFTSIGN,
                Activation.HARDTANH,
                Activation.HARDSIGMOID,
                Activation.CUBE,
                Activation.RELU6,
                Activation.SWISH,
                Activation.GELU,
                Activation.MISH,
                Activation.RATIONALTANH,
                Activation.RECTIFIEDTANH,
                Activation.THRESHOLDEDRELU);
    }

    private static void check(Shapes shapes, Layer layer) {
        check(new Nets(shapes.batch(), shapes.input(), List.of(shapes.mixer(), layer)), shapes.batch());
    }

    private static void check(Nets nets, int batch) {
        assertThat(nets.choices).allMatch(choice -> choice.stock().isEmpty());
        nets.compare(batch);
    }
}
