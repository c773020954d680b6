package dev.lockstep.worker.dl4j.layer;

import static dev.lockstep.worker.model.CourseNetworks.pool;
import static dev.lockstep.worker.model.CourseNetworks.softmax;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.worker.dl4j.LayerMapping;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.CourseNetworks;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.layer.Activation;
import dev.lockstep.worker.model.layer.BatchNorm;
import dev.lockstep.worker.model.layer.Convolution;
import dev.lockstep.worker.model.layer.Dense;
import dev.lockstep.worker.model.layer.Layer;
import dev.lockstep.worker.natives.Natives;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.layers.mkldnn.MKLDNNBatchNormHelper;
import org.deeplearning4j.nn.layers.mkldnn.MKLDNNConvHelper;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Layers on oneDNN compute what DL4J's own layers compute. */
class OneDnnTest {
    private static final Shape IMAGE = new Shape(2, 13, 12);

    static Stream<Arguments> networks() {
        Layer norm = new BatchNorm(0.9, 1e-5);
        return Stream.of(
                Arguments.of("convolution", List.of(conv(8, 5, 1, 0), pool(), softmax(5))),
                Arguments.of("two convolutions", List.of(conv(8, 3, 1, 0), pool(), conv(16, 3, 1, 1), softmax(5))),
                Arguments.of("stride, padding", List.of(conv(7, 3, 2, 1), conv(5, 4, 3, 2), softmax(5))),
                Arguments.of(
                        "batch norm of an image",
                        List.of(
                                new Convolution(8, 3, 1, 0, ActivationFunction.IDENTITY),
                                norm,
                                new Activation(ActivationFunction.RELU),
                                pool(),
                                softmax(5))),
                Arguments.of(
                        "batch norm of a vector", List.of(new Dense(9, ActivationFunction.TANH), norm, softmax(5))),
                Arguments.of(
                        "batch norm, other constants", List.of(conv(4, 3, 1, 0), new BatchNorm(0.5, 0.1), softmax(5))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("networks")
    void computesWhatDl4jComputes(String name, List<Layer> layers) {
        Natives.ready();
        NetworkSpec spec = CourseNetworks.of(IMAGE, layers);
        MultiLayerNetwork plain = network(spec);
        MultiLayerNetwork oneDnn = network(spec);
        Stream.of(oneDnn.getLayers()).forEach(OneDnn::install);
        Nd4j.getRandom().setSeed(3);
        for (int examples : new int[] {6, 6, 3, 17}) { // buffers kept from one batch must not shape the next
            INDArray x = Nd4j.rand(DataType.FLOAT, examples, 2, 13, 12);
            INDArray y = Nd4j.zeros(DataType.FLOAT, examples, 5);
            for (int i = 0; i < examples; i++) {
                y.putScalar(i, i % 5, 1);
            }
            for (boolean training : new boolean[] {false, true}) {
                List<INDArray> expected = plain.feedForward(x.dup(), training);
                List<INDArray> actual = oneDnn.feedForward(x.dup(), training);
                for (int layer = 1; layer < expected.size(); layer++) {
                    assertThat(difference(actual.get(layer), expected.get(layer)))
                            .as("activations of layer %d, training %s, %d examples", layer - 1, training, examples)
                            .isLessThan(1e-5);
                }
            }
            for (MultiLayerNetwork network : List.of(plain, oneDnn)) {
                network.setInput(x.dup());
                network.setLabels(y);
                network.computeGradientAndScore();
            }
            assertThat(oneDnn.score()).isCloseTo(plain.score(), within(1e-5));
            double largest = plain.getFlattenedGradients().amaxNumber().doubleValue();
            plain.gradient().gradientForVariable().forEach((parameter, expected) -> {
                INDArray actual = oneDnn.gradient().getGradientFor(parameter);
                // A bias below a batch norm has no effect: its gradient is 0 but for rounding.
                double scale = Math.max(0.01 * largest, expected.amaxNumber().doubleValue());
                assertThat(actual.sub(expected).amaxNumber().doubleValue() / scale)
                        .as("gradient of %s, %d examples", parameter, examples)
                        .isLessThan(1e-4);
            });
        }
    }

    /** Training mode leaves the batch's statistics in the oneDNN object: so it was that one that computed. */
    @Test
    void isReallyUsed() {
        MultiLayerNetwork network = network(
                CourseNetworks.of(IMAGE, List.of(conv(4, 3, 1, 0), new BatchNorm(0.9, 1e-5), pool(), softmax(5))));
        Stream.of(network.getLayers()).forEach(OneDnn::install);
        MKLDNNBatchNormHelper helper =
                (MKLDNNBatchNormHelper) network.getLayer(1).getHelper();
        assertThat(helper.getMeanCache(DataType.FLOAT)).isNull();
        network.feedForward(Nd4j.rand(DataType.FLOAT, 3, 2, 13, 12), true);
        assertThat(helper.getMeanCache(DataType.FLOAT).length()).isEqualTo(4);
    }

    @Test
    void goesIntoConvolutionsAndBatchNormsOfThisNetworkAlone() {
        NetworkSpec spec = CourseNetworks.of(
                IMAGE,
                List.of(conv(4, 3, 1, 0), new BatchNorm(0.9, 1e-5), pool(), CourseNetworks.dense(4), softmax(5)));
        MultiLayerNetwork with = network(spec);
        MultiLayerNetwork without = network(spec);
        Stream.of(with.getLayers()).forEach(OneDnn::install);
        assertThat(with.getLayer(0).getHelper()).isInstanceOf(MKLDNNConvHelper.class);
        assertThat(with.getLayer(1).getHelper()).isInstanceOf(MKLDNNBatchNormHelper.class);
        assertThat(Stream.of(without.getLayers()).map(org.deeplearning4j.nn.api.Layer::getHelper))
                .containsOnlyNulls();
    }

    /** DL4J would go on with its own, slower and differently rounding layers, and say nothing. */
    @Test
    void aFailureIsNotCoveredUp() {
        for (Layer layer : List.of(conv(4, 3, 1, 0), new BatchNorm(0.9, 1e-5))) {
            var dl4j = LayerMapping.dl4j(layer, IMAGE);
            boolean fallback = dl4j instanceof ConvolutionLayer convolution
                    ? convolution.isCudnnAllowFallback()
                    : ((BatchNormalization) dl4j).isCudnnAllowFallback();
            assertThat(fallback).as(layer.type()).isFalse();
        }
    }

    private static MultiLayerNetwork network(NetworkSpec spec) {
        MultiLayerNetwork network = new MultiLayerNetwork(Networks.stack(spec, 1));
        network.init();
        return network;
    }

    private static Layer conv(int filters, int kernel, int stride, int padding) {
        return new Convolution(filters, kernel, stride, padding, ActivationFunction.RELU);
    }

    /** The largest difference, relative to the largest value (which is 0 behind the batch norm of a single example). */
    private static double difference(INDArray actual, INDArray expected) {
        return actual.sub(expected).amaxNumber().doubleValue()
                / Math.max(1e-3, expected.amaxNumber().doubleValue());
    }
}
