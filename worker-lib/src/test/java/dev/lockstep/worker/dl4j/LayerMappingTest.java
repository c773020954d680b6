package dev.lockstep.worker.dl4j;

import static dev.lockstep.worker.model.CourseNetworks.softmax;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.CourseNetworks;
import dev.lockstep.worker.model.LossFunction;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.layer.Activation;
import dev.lockstep.worker.model.layer.BatchNorm;
import dev.lockstep.worker.model.layer.Convolution;
import dev.lockstep.worker.model.layer.Dense;
import dev.lockstep.worker.model.layer.Dropout;
import dev.lockstep.worker.model.layer.Layer;
import dev.lockstep.worker.model.layer.Loss;
import dev.lockstep.worker.model.layer.Output;
import dev.lockstep.worker.model.layer.Pooling;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

class LayerMappingTest {
    private static final ActivationFunction IDENTITY = ActivationFunction.IDENTITY;

    /** O = (I + 2P - F) / S + 1, the course's own example among them. */
    @Test
    void windowSizes() {
        assertThat(conv(5, 1, 0).output(new Shape(1, 28, 28))).isEqualTo(new Shape(4, 24, 24));
        assertThat(conv(2, 1, 1).output(new Shape(1, 6, 6))).isEqualTo(new Shape(4, 7, 7));
        assertThat(conv(11, 4, 0).output(new Shape(3, 227, 227))).isEqualTo(new Shape(4, 55, 55));
        assertThat(conv(3, 2, 1).output(new Shape(3, 7, 10))).isEqualTo(new Shape(4, 4, 5));
        assertThat(conv(3, 2, 0).output(new Shape(3, 8, 8))).isEqualTo(new Shape(4, 3, 3)); // 2.5 rounded down, + 1
        assertThat(new Pooling(Pooling.Kind.MAX, 2, 2, 0).output(new Shape(20, 24, 24)))
                .isEqualTo(new Shape(20, 12, 12));
        assertThat(new Pooling(Pooling.Kind.AVERAGE, 3, 2, 0).output(new Shape(96, 55, 55)))
                .isEqualTo(new Shape(96, 27, 27));
    }

    /** DL4J would have to take padding away where the last stride leads out of the image: 9 rows, the last one read the 7th. */
    @Test
    void aKernelOfOneNeedsNoPaddingAndLeapsBehindTheImageAreRefused() {
        Shape image = new Shape(3, 9, 12);
        Convolution one = new Convolution(4, 1, 3, Convolution.SAME, 1, IDENTITY, null);
        assertThat(one.output(image)).isEqualTo(new Shape(4, 3, 4));
        assertThat(LayerMapping.dl4j(one, image))
                .isEqualTo(LayerMapping.dl4j(new Convolution(4, 1, 3, 0, 1, IDENTITY, null), image));
        assertThat(new Convolution(4, 2, 4, Convolution.SAME, 1, IDENTITY, null).output(new Shape(3, 7, 7)))
                .isEqualTo(new Shape(4, 2, 2));
        assertThatThrownBy(() -> new Convolution(4, 2, 4, Convolution.SAME, 1, IDENTITY, null).output(image))
                .hasMessage("padding same does not go with stride 4 over kernel 2x2: of 12 rows or columns 2 would lie"
                        + " behind the last window; give padding a number");
    }

    @Test
    void samePaddingDividesByTheStrideAlone() {
        for (int kernel : new int[] {1, 2, 3, 11}) {
            assertThat(new Convolution(4, kernel, 1, Convolution.SAME, 2, IDENTITY, null).output(new Shape(3, 7, 10)))
                    .isEqualTo(new Shape(4, 7, 10));
            assertThat(new Convolution(4, kernel, 3, Convolution.SAME, 1, IDENTITY, null).output(new Shape(3, 7, 10)))
                    .isEqualTo(new Shape(4, 3, 4));
        }
    }

    @Test
    void dilationWidensTheKernel() {
        assertThat(new Convolution(4, 3, 1, 0, 2, IDENTITY, null).output(new Shape(1, 7, 9)))
                .isEqualTo(new Shape(4, 3, 5));
        assertThatThrownBy(() -> new Convolution(4, 3, 1, 0, 4, IDENTITY, null).output(new Shape(1, 8, 9)))
                .hasMessage("kernel 3x3 with dilation 4 is larger than its input 1x8x9");
    }

    @Test
    void theStepHasNoSlope() {
        assertThat(Functions.of(ActivationFunction.STEP)
                        .backprop(Nd4j.createFromArray(-2f, 3f), Nd4j.createFromArray(5f, 7f))
                        .getFirst()
                        .toFloatVector())
                .containsExactly(0, 0);
    }

    @Test
    void otherLayersKeepOrFlatten() {
        Shape image = new Shape(3, 4, 5);
        assertThat(new BatchNorm(0.9, 1e-5).output(image)).isEqualTo(image);
        assertThat(new Activation(ActivationFunction.RELU).output(image)).isEqualTo(image);
        assertThat(new Dropout(0.5).output(image)).isEqualTo(image);
        assertThat(new Dense(7, IDENTITY).output(image)).isEqualTo(Shape.vector(7));
        assertThat(softmax(7).output(image)).isEqualTo(Shape.vector(7));
        assertThat(new Loss(IDENTITY, LossFunction.SQUARED_ERROR).output(Shape.vector(7)))
                .isEqualTo(Shape.vector(7));
        assertThat(new Loss(ActivationFunction.SOFTMAX, LossFunction.CROSS_ENTROPY).output(image))
                .isEqualTo(Shape.vector(60));
    }

    @Test
    void namesAndEnds() {
        assertThat(List.of(
                                conv(3, 1, 0),
                                new Pooling(Pooling.Kind.MAX, 2, 2, 0),
                                new Pooling(Pooling.Kind.AVERAGE, 2, 2, 0),
                                new BatchNorm(0.9, 1e-5),
                                new Activation(IDENTITY),
                                new Dropout(0.5),
                                new Dense(7, IDENTITY))
                        .stream()
                        .map(Layer::type))
                .containsExactly(
                        "convolution", "max-pool", "average-pool", "batch-norm", "activation", "dropout", "dense");
        assertThat(softmax(7).type()).isEqualTo("output");
        assertThat(softmax(7).isOutput()).isTrue();
        assertThat(new Loss(IDENTITY, LossFunction.SQUARED_ERROR).type()).isEqualTo("loss");
        assertThat(new Loss(IDENTITY, LossFunction.SQUARED_ERROR).isOutput()).isTrue();
        assertThat(conv(3, 1, 0).isOutput()).isFalse();
    }

    @Test
    void saysWhatDoesNotFit() {
        assertThatThrownBy(() -> conv(5, 1, 0).output(new Shape(1, 4, 28)))
                .hasMessage("kernel 5x5 is larger than its input 1x4x28");
        assertThatThrownBy(() -> conv(7, 1, 1).output(new Shape(3, 28, 4)))
                .hasMessage("kernel 7x7 is larger than its input 3x28x4 with padding 1");
        assertThatThrownBy(() -> new Pooling(Pooling.Kind.MAX, 3, 3, 0).output(new Shape(1, 2, 2)))
                .hasMessage("kernel 3x3 is larger than its input 1x2x2");
        assertThatThrownBy(() -> conv(3, 1, 0).output(Shape.vector(100)))
                .hasMessage("needs an image (channels x height x width), its input is a vector of 100");
        assertThatThrownBy(() -> conv(3, 1, 3).output(new Shape(1, 9, 9)))
                .hasMessage("padding 3 must be smaller than its kernel 3x3");
    }

    /** Softmax runs over the last axis; in an image that would be one row of pixels. */
    @Test
    void softmaxNeedsAVector() {
        Shape image = new Shape(3, 8, 8);
        assertThatThrownBy(() -> new Activation(ActivationFunction.SOFTMAX).output(image))
                .hasMessage("softmax is over the units of a vector, its input is an image of 3x8x8");
        assertThatThrownBy(() -> new Convolution(4, 3, 1, 0, ActivationFunction.SOFTMAX).output(image))
                .hasMessage("softmax is over the units of a vector, its input is an image of 4x6x6");
        assertThat(new Activation(ActivationFunction.SOFTMAX).output(Shape.vector(3)))
                .isEqualTo(Shape.vector(3));
    }

    /** DL4J refuses these too, but in the middle of building, with a page of text. */
    @Test
    void outputsThatCannotBeScored() {
        Shape vector = Shape.vector(5);
        assertThatThrownBy(() -> new Output(3, ActivationFunction.SIGMOID, LossFunction.CROSS_ENTROPY).output(vector))
                .hasMessage("cross-entropy needs the activation softmax, found sigmoid");
        assertThatThrownBy(() -> new Loss(IDENTITY, LossFunction.CROSS_ENTROPY).output(vector))
                .hasMessage("cross-entropy needs the activation softmax, found identity");
        assertThatThrownBy(() -> softmax(1).output(vector))
                .hasMessage("softmax needs at least 2 units: over 1 it is always 1");
        assertThatThrownBy(
                        () -> new Loss(ActivationFunction.SOFTMAX, LossFunction.SQUARED_ERROR).output(Shape.vector(1)))
                .hasMessage("softmax needs at least 2 units: over 1 it is always 1");
    }

    @Property(tries = 200)
    void sizesAreThoseDl4jComputes(
            @ForAll @IntRange(min = 1, max = 20) int height,
            @ForAll @IntRange(min = 1, max = 20) int width,
            @ForAll @IntRange(min = 1, max = 5) int kernel,
            @ForAll @IntRange(min = 1, max = 4) int stride,
            @ForAll @IntRange(max = 3) int padding) {
        Assume.that(padding < kernel && Math.min(height, width) + 2 * padding >= kernel);
        Shape input = new Shape(2, height, width);
        InputType type = InputType.convolutional(height, width, 2);
        for (Layer layer : List.of(conv(kernel, stride, padding), pool(Pooling.Kind.MAX, kernel, stride, padding))) {
            var dl4j = LayerMapping.dl4j(layer, input);
            dl4j.setNIn(type, true);
            var out = (InputType.InputTypeConvolutional) dl4j.getOutputType(0, type);
            assertThat(layer.output(input))
                    .isEqualTo(new Shape((int) out.getChannels(), (int) out.getHeight(), (int) out.getWidth()));
        }
    }

    // What each layer computes, by hand.

    /** The kernel is not turned round: y(r, c) = sum of w(i, j) x(r + i, c + j), plus b. */
    @Test
    void convolutionIsCrossCorrelation() {
        MultiLayerNetwork network = network(new Shape(1, 3, 3), new Convolution(1, 2, 1, 0, IDENTITY));
        set(network.getParam("0_W"), 1, 2, 3, 4);
        set(network.getParam("0_b"), 0.5);
        INDArray y = network.feedForward(image(3, 1, 2, 3, 4, 5, 6, 7, 8, 9)).get(1);
        assertThat(values(y)).containsExactly(37.5, 47.5, 67.5, 77.5); // 1*1+2*2+3*4+4*5 = 37, ...
    }

    @Test
    void convolutionStridesAndPadsWithZeros() {
        MultiLayerNetwork network = network(new Shape(1, 3, 3), new Convolution(1, 2, 2, 1, ActivationFunction.RELU));
        set(network.getParam("0_W"), 1, 2, 3, -4);
        INDArray y = network.feedForward(image(3, 1, 2, 3, 4, 5, 6, 7, 8, 9)).get(1);
        // Windows at -1 and 1: [0 0; 0 1] = -4, [0 0; 2 3] = 6-12, [0 4; 0 7] = 8-28, [5 6; 8 9] = 5+12+24-36 = 5
        assertThat(values(y)).containsExactly(0, 0, 0, 5);
    }

    @Test
    void convolutionAddsUpItsChannels() {
        MultiLayerNetwork network = network(new Shape(2, 1, 2), new Convolution(2, 1, 1, 0, IDENTITY));
        set(network.getParam("0_W"), 1, 10, 100, 1000); // [F, C, 1, 1]
        INDArray x = Nd4j.createFromArray(1.0, 2, 3, 4).reshape(1, 2, 1, 2);
        assertThat(values(network.feedForward(x).get(1))).containsExactly(31, 42, 3100, 4200);
    }

    @Test
    void poolingKeepsTheLargestOrTheMean() {
        INDArray x = image(4, 1, 2, 5, 3, 4, 3, 1, 1, -1, -2, 0, 7, -3, -4, 0, 0);
        assertThat(values(network(new Shape(1, 4, 4), pool(Pooling.Kind.MAX, 2, 2, 0))
                        .feedForward(x)
                        .get(1)))
                .containsExactly(4, 5, -1, 7);
        assertThat(values(network(new Shape(1, 4, 4), pool(Pooling.Kind.AVERAGE, 2, 2, 0))
                        .feedForward(x)
                        .get(1)))
                .containsExactly(2.5, 2.5, -2.5, 1.75);
    }

    /** Padding is no value: a window's largest is one of the image's own, also when all of those are negative. */
    @Test
    void maxPoolingDoesNotSeeItsPadding() {
        INDArray x = image(2, -1, -2, -3, -4);
        assertThat(values(network(new Shape(1, 2, 2), pool(Pooling.Kind.MAX, 2, 2, 1))
                        .feedForward(x)
                        .get(1)))
                .containsExactly(-1, -2, -3, -4);
    }

    /** The mean is over the image's own values in the window. */
    @Test
    void averagePoolingDoesNotCountItsPadding() {
        INDArray x = image(3, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        assertThat(values(network(new Shape(1, 3, 3), pool(Pooling.Kind.AVERAGE, 2, 2, 1))
                        .feedForward(x)
                        .get(1)))
                .containsExactly(1, 2.5, 5.5, 7); // [1], [2 3], [4 7], [5 6 8 9]
    }

    /** Batch mean and biased variance in training, running averages (0 and 1 at first) in evaluation. */
    @Test
    void batchNormOfAVector() {
        double epsilon = 0.5; // large, so that its place shows
        MultiLayerNetwork network = network(Shape.vector(1), new BatchNorm(0.9, epsilon));
        set(network.getParam("0_gamma"), 3);
        set(network.getParam("0_beta"), 0.25);
        INDArray x = Nd4j.createFromArray(new double[][] {{1}, {2}, {6}});
        double variance = (4 + 1 + 9) / 3.0;
        assertThat(values(network.feedForward(x, true).get(1)))
                .usingComparatorWithPrecision(1e-12)
                .containsExactly(
                        3 * -2 / Math.sqrt(variance + epsilon) + 0.25,
                        3 * -1 / Math.sqrt(variance + epsilon) + 0.25,
                        3 * 3 / Math.sqrt(variance + epsilon) + 0.25);
        assertThat(values(network.feedForward(x, false).get(1)))
                .usingComparatorWithPrecision(1e-12)
                .containsExactly(3 / Math.sqrt(1.5) + 0.25, 6 / Math.sqrt(1.5) + 0.25, 18 / Math.sqrt(1.5) + 0.25);
    }

    @Test
    void batchNormOfAnImageIsByChannel() {
        MultiLayerNetwork network = network(new Shape(2, 1, 2), new BatchNorm(0.9, 1e-9));
        INDArray x = Nd4j.createFromArray(1.0, 3, 10, 10, 5, 7, 10, 30).reshape(2, 2, 1, 2);
        // Channel 0: 1 3 5 7, mean 4, variance 5. Channel 1: 10 10 10 30, mean 15, variance 75.
        double a = Math.sqrt(5);
        double b = Math.sqrt(75);
        assertThat(values(network.feedForward(x, true).get(1)))
                .usingComparatorWithPrecision(1e-8)
                .containsExactly(-3 / a, -1 / a, -5 / b, -5 / b, 1 / a, 3 / a, -5 / b, 15 / b);
    }

    @Test
    void activationsCompute() {
        INDArray x = Nd4j.createFromArray(new double[][] {{-1, 0, 2}});
        double e = Math.exp(-1) + 1 + Math.exp(2);
        Map<ActivationFunction, double[]> expected = Map.ofEntries(
                Map.entry(IDENTITY, new double[] {-1, 0, 2}),
                Map.entry(ActivationFunction.STEP, new double[] {0, 0, 1}),
                Map.entry(ActivationFunction.LEAKY_RELU, new double[] {-0.01, 0, 2}),
                Map.entry(ActivationFunction.RELU, new double[] {0, 0, 2}),
                Map.entry(ActivationFunction.ELU, new double[] {Math.exp(-1) - 1, 0, 2}),
                Map.entry(
                        ActivationFunction.GELU,
                        new double[] {-1 / (1 + Math.exp(1.702f)), 0, 2 / (1 + Math.exp(-2 * 1.702f))}),
                Map.entry(
                        ActivationFunction.SIGMOID, new double[] {1 / (1 + Math.exp(1)), 0.5, 1 / (1 + Math.exp(-2))}),
                Map.entry(ActivationFunction.TANH, new double[] {Math.tanh(-1), 0, Math.tanh(2)}),
                Map.entry(ActivationFunction.SOFTMAX, new double[] {Math.exp(-1) / e, 1 / e, Math.exp(2) / e}));
        assertThat(expected).containsOnlyKeys(ActivationFunction.values());
        expected.forEach((function, values) -> {
            MultiLayerNetwork network = network(Shape.vector(3), new Activation(function));
            assertThat(values(network.feedForward(x.dup()).get(1))) // DL4J activates in place
                    .as("%s", function)
                    .usingComparatorWithPrecision(1e-12)
                    .containsExactly(values);
        });
    }

    /** The ratio is the share dropped; what is kept grows so that the mean stays. */
    @Test
    void dropoutDropsItsRatio() {
        MultiLayerNetwork network = network(Shape.vector(100_000), new Dropout(0.2));
        INDArray x = Nd4j.ones(DataType.DOUBLE, 1, 100_000);
        Nd4j.getRandom().setSeed(11);
        double[] y = values(network.feedForward(x, true).get(1));
        int dropped = 0;
        for (double value : y) {
            assertThat(value == 0 || Math.abs(value - 1.25) < 1e-12)
                    .as("%s", value)
                    .isTrue();
            dropped += value == 0 ? 1 : 0;
        }
        assertThat(dropped / 100_000.0).isCloseTo(0.2, within(0.005));
        assertThat(values(network.feedForward(x, false).get(1))).containsOnly(1.0);
    }

    @Test
    void dropoutOfNothingIsNothing() {
        MultiLayerNetwork network = network(Shape.vector(1000), new Dropout(0));
        assertThat(values(network.feedForward(Nd4j.ones(DataType.DOUBLE, 1, 1000), true)
                        .get(1)))
                .containsOnly(1.0);
    }

    private static Layer conv(int kernel, int stride, int padding) {
        return new Convolution(4, kernel, stride, padding, IDENTITY);
    }

    private static Layer pool(Pooling.Kind kind, int kernel, int stride, int padding) {
        return new Pooling(kind, kernel, stride, padding);
    }

    /** The layer alone, in double precision, with an output behind it that nobody looks at. */
    private static MultiLayerNetwork network(Shape input, Layer layer) {
        NetworkSpec spec =
                CourseNetworks.of(input, List.of(layer, new Output(1, IDENTITY, LossFunction.SQUARED_ERROR)));
        MultiLayerNetwork network = new MultiLayerNetwork(Networks.stack(spec, 1, new Sgd(1), DataType.DOUBLE));
        network.init();
        return network;
    }

    private static INDArray image(int size, double... pixels) {
        return Nd4j.createFromArray(pixels).reshape(1, 1, size, size);
    }

    private static void set(INDArray parameter, double... values) {
        parameter.assign(Nd4j.createFromArray(values).reshape(parameter.shape()));
    }

    private static double[] values(INDArray array) {
        return array.dup('c').data().asDouble();
    }
}
