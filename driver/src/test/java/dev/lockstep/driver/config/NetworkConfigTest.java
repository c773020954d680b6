package dev.lockstep.driver.config;

import static dev.lockstep.driver.config.Configurations.assertLayersRefused;
import static dev.lockstep.driver.config.Configurations.assertRefused;
import static dev.lockstep.driver.config.Configurations.layers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.LossFunction;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.WeightInit;
import dev.lockstep.worker.model.layer.Activation;
import dev.lockstep.worker.model.layer.BatchNorm;
import dev.lockstep.worker.model.layer.Convolution;
import dev.lockstep.worker.model.layer.Dense;
import dev.lockstep.worker.model.layer.Dropout;
import dev.lockstep.worker.model.layer.Flatten;
import dev.lockstep.worker.model.layer.GlobalAveragePool;
import dev.lockstep.worker.model.layer.InstanceNorm;
import dev.lockstep.worker.model.layer.LayerNorm;
import dev.lockstep.worker.model.layer.LocalResponseNorm;
import dev.lockstep.worker.model.layer.Loss;
import dev.lockstep.worker.model.layer.Output;
import dev.lockstep.worker.model.layer.Pooling;
import dev.lockstep.worker.model.layer.Residual;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code network}. */
class NetworkConfigTest {

    @Test
    void defaults() {
        var network = layers(
                        "[1, 28, 28]",
                        "{ type = convolution, filters = 2, kernel = 3 }",
                        "{ type = max-pool }",
                        "{ type = average-pool, kernel = 3 }",
                        "{ type = batch-norm }",
                        "{ type = activation }",
                        "{ type = dropout }",
                        "{ type = dense, units = 6 }",
                        "{ type = output }")
                .network();
        assertThat(network.input()).isEqualTo(new Shape(1, 28, 28));
        assertThat(network.weightInit()).isEqualTo(new WeightInit.He());
        assertThat(network.layers())
                .containsExactly(
                        new Convolution(2, 3, 1, 0, ActivationFunction.IDENTITY),
                        new Pooling(Pooling.Kind.MAX, 2, 2, 0),
                        new Pooling(Pooling.Kind.AVERAGE, 3, 3, 0),
                        new BatchNorm(0.9, 1e-5),
                        new Activation(ActivationFunction.RELU),
                        new Dropout(0.5),
                        new Dense(6, ActivationFunction.IDENTITY),
                        new Output(10, ActivationFunction.SOFTMAX, LossFunction.CROSS_ENTROPY));
    }

    @Test
    void fullMapping() {
        var network = Configurations.whole("""
                network {
                  input = [3, 9, 11], classes = 4, weight-init = gauss, weight-std = 0.02
                  layers = [
                    { type = convolution, filters = 5, kernel = 3, stride = 2, padding = 1, activation = relu }
                    { type = average-pool, kernel = 2, stride = 1, padding = 1 }
                    { type = batch-norm, decay = 0.8, epsilon = 1e-6 }
                    { type = activation, function = tanh }
                    { type = dropout, ratio = 0.15 }
                    { type = dense, units = 4, activation = sigmoid }
                    { type = loss, loss = squared-error, activation = softmax }
                  ]
                }""").network();
        assertThat(network.input()).isEqualTo(new Shape(3, 9, 11));
        assertThat(network.classes()).isEqualTo(4);
        assertThat(network.weightInit()).isEqualTo(new WeightInit.Gauss(0.02));
        assertThat(network.layers())
                .containsExactly(
                        new Convolution(5, 3, 2, 1, ActivationFunction.RELU),
                        new Pooling(Pooling.Kind.AVERAGE, 2, 1, 1),
                        new BatchNorm(0.8, 1e-6),
                        new Activation(ActivationFunction.TANH),
                        new Dropout(0.15),
                        new Dense(4, ActivationFunction.SIGMOID),
                        new Loss(ActivationFunction.SOFTMAX, LossFunction.SQUARED_ERROR));
        assertThat(Configurations.of("network.weight-init = xavier").network().weightInit())
                .isEqualTo(new WeightInit.Xavier());
        assertThat(layers("[7]", "{ type = output, loss = squared-error }")
                        .network()
                        .layers())
                .as("a squared error is usually of an unbounded output")
                .containsExactly(new Output(10, ActivationFunction.IDENTITY, LossFunction.SQUARED_ERROR));
    }

    @Test
    void validation() {
        assertRefused("network.weight-init = one")
                .hasMessageContainingAll(
                        "network.weight-init: expected one of gauss, xavier, he, zeros", "found \"one\"");
        assertRefused("network { weight-init = gauss, weight-std = 0 }")
                .hasMessageContaining("network.weight-std: expected a number above 0, found 0");
        assertRefused("network.classes = 1").hasMessageContaining("network.classes: expected a whole number from 2");
        assertRefused("network.classes = 3.5").hasMessageContaining("found 3.5");
        assertThatThrownBy(() -> Configurations.whole("name = a"))
                .hasMessage("network.layers: has no layer; the last one must be an output");
        assertThatThrownBy(() -> Configurations.whole("network.layers = 5"))
                .hasMessageContaining("network.layers: expected a list of objects, found 5");
        assertLayersRefused("[5]", "{ type = output, units = 3 }")
                .hasMessageContaining("network.classes: is 10, but the network's output has 3");
    }

    @Test
    void blocksAndNorms() {
        RunConfig config = layers(
                "[3, 8, 8]",
                "{ type = local-response-norm, n = 3, k = 1, alpha = 0.1, beta = 0.5 }",
                "{ type = residual, layers = [{ type = instance-norm, epsilon = 0.1 }, { type = activation }] }",
                "{ type = residual, shortcut = projection, activation = relu",
                "  layers = [{ type = convolution, filters = 5, kernel = 3, stride = 2, padding = 1 }] }",
                "{ type = global-average-pool }",
                "{ type = flatten }",
                "{ type = layer-norm }",
                "{ type = output }");
        assertThat(config.network().layers())
                .containsExactly(
                        new LocalResponseNorm(3, 1, 0.1, 0.5),
                        new Residual(
                                List.of(new InstanceNorm(0.1), new Activation(ActivationFunction.RELU)),
                                Residual.Shortcut.IDENTITY,
                                ActivationFunction.IDENTITY),
                        new Residual(
                                List.of(new Convolution(5, 3, 2, 1, ActivationFunction.IDENTITY)),
                                Residual.Shortcut.PROJECTION,
                                ActivationFunction.RELU),
                        new GlobalAveragePool(),
                        new Flatten(),
                        new LayerNorm(1e-5),
                        new Output(10, ActivationFunction.SOFTMAX, LossFunction.CROSS_ENTROPY));
        assertThat(RunConfigParser.parse(config.resolved())).isEqualTo(config);
        assertThat(layers(
                                "[9]",
                                "{ type = dense, units = 4, repeat = 3 }",
                                "{ type = dropout, repeat = 1 }",
                                "{ type = output }")
                        .network()
                        .layers())
                .hasSize(5)
                .startsWith(new Dense(4, ActivationFunction.IDENTITY));
        assertLayersRefused("[1, 9, 9]", "{ type = max-pool, repeat = 5 }", "{ type = output }")
                .hasMessageContaining("network.layers[0]: max-pool does not fit");
        assertLayersRefused(
                        "[1, 8, 8]",
                        "{ type = residual, layers = [{ type = convolution, filters = 2, kernel = 3 }] }",
                        "{ type = output }")
                .hasMessageContaining("residual does not fit: its layers give 2x6x6, its identity shortcut 1x8x8;"
                        + " use shortcut = projection");
        assertLayersRefused("[9]", "{ type = residual, layers = [{ type = output }] }", "{ type = output }")
                .hasMessageContaining("a block cannot hold an output");
        assertLayersRefused("[9]", "{ type = residual, layers = [] }", "{ type = output }")
                .hasMessageContaining("residual does not fit: has no layers");
        assertLayersRefused("[9]", "{ type = residual, layers = [{ type = dense, unit = 9 }] }", "{ type = output }")
                .hasMessageContaining("network.layers[0].layers[0].unit: unknown key");
        assertLayersRefused("[9]", "{ type = instance-norm }", "{ type = output }")
                .hasMessageContaining("instance-norm does not fit: needs an image");
        assertLayersRefused("[3, 8, 8]", "{ type = local-response-norm, n = 4 }", "{ type = output }")
                .hasMessageContaining("network.layers[0].n: expected an odd number of channels, found 4");
    }

    @Test
    void aLayersOwnWeightsPaddingAndDilation() {
        var network = layers(
                        "[1, 9, 9]",
                        "{ type = convolution, filters = 2, kernel = 3, padding = same, dilation = 2 }",
                        "{ type = dense, units = 6, weight-init = gauss, weight-std = 0.5, activation = leaky-relu }",
                        "{ type = output, loss = binary-cross-entropy, weight-init = zeros }")
                .network();
        assertThat(network.layers())
                .containsExactly(
                        new Convolution(2, 3, 1, Convolution.SAME, 2, ActivationFunction.IDENTITY, null),
                        new Dense(6, ActivationFunction.LEAKY_RELU, new WeightInit.Gauss(0.5)),
                        new Output(
                                10,
                                ActivationFunction.SIGMOID,
                                LossFunction.BINARY_CROSS_ENTROPY,
                                new WeightInit.Zeros()));
        assertLayersRefused("[1, 9, 9]", "{ type = convolution, filters = 2, kernel = 3, padding = -1 }")
                .hasMessageContaining(
                        "network.layers[0].padding: expected a whole number at least 0 or same, found -1");
        assertLayersRefused("[9]", "{ type = output, loss = binary-cross-entropy, activation = tanh }")
                .hasMessageContaining("binary-cross-entropy needs the activation sigmoid, found tanh");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[0]", "[28, 28]", "[1, 28, 0]", "[]", "[-3]", "[1,28,28,1]"})
    void anInputIsAVectorOrAnImage(String input) {
        assertLayersRefused(input, "{ type = output }")
                .hasMessageContainingAll(
                        "network.input: expected [channels, height, width] or [length], sizes from 1, found", ": 1)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[1.5, 28, 28]", "28", "[a]", "[3000000000]", "[[1]]"})
    void anInputIsOfWholeNumbers(String input) {
        assertLayersRefused(input, "{ type = output }")
                .hasMessageContaining("network.input: expected a list of whole numbers, found ");
    }

    @Test
    void aKernelLargerThanItsInputNamesLayerAndShapes() {
        assertLayersRefused(
                        "[1, 4, 28]",
                        "{ type = dropout }",
                        "{ type = convolution, filters = 3, kernel = 5 }",
                        "{ type = output }")
                .hasMessageContainingAll(
                        "network.layers[1]: convolution does not fit: kernel 5x5 is larger than its input 1x4x28",
                        ": 3)");
        assertLayersRefused(
                        "[1, 3, 3]",
                        "{ type = max-pool }",
                        "{ type = max-pool, kernel = 4, padding = 1 }",
                        "{ type = output }")
                .hasMessageContaining(
                        "network.layers[1]: max-pool does not fit: kernel 4x4 is larger than its input 1x1x1 with padding 1");
    }

    @Test
    void aLayerThatNeedsAnImageSaysSo() {
        assertLayersRefused("[9]", "{ type = convolution, filters = 3, kernel = 1 }", "{ type = output }")
                .hasMessageContainingAll(
                        "network.layers[0]: convolution does not fit: needs an image", "a vector of 9");
        assertLayersRefused("[1, 9, 9]", "{ type = max-pool, kernel = 2, padding = 2 }", "{ type = output }")
                .hasMessageContaining(
                        "network.layers[0]: max-pool does not fit: padding 2 must be smaller than its kernel 2x2");
    }

    @Test
    void theOutputIsLastAndOnlyThere() {
        assertLayersRefused("[9]", "{ type = output }", "{ type = dense, units = 10 }", "{ type = output }")
                .hasMessageContainingAll(
                        "network.layers[0]: output must be the last layer, there are 2 behind it", ": 2)");
        assertLayersRefused("[9]", "{ type = dense, units = 10 }")
                .hasMessageContaining("network.layers[0]: the last layer must be an output or a loss, found dense");
    }

    @Test
    void aLayerThatLacksSomethingIsNamedWithItsLine() {
        assertLayersRefused("[9]", "{ units = 10 }", "{ type = output }")
                .hasMessageContainingAll(
                        "network.layers[0]: has no type; expected for example { type = dense, units = 100 }", ": 2)");
        assertLayersRefused("[9]", "{ type = dense }", "{ type = output }")
                .hasMessageContainingAll("network.layers[0].units: is missing", ": 2)");
        assertLayersRefused("[1, 9, 9]", "{ type = convolution }", "{ type = output }")
                .hasMessageContainingAll(
                        "network.layers[0].filters: is missing", "network.layers[0].kernel: is missing");
        assertLayersRefused("[9]", "{ type = dense, units = 4.5 }", "{ type = output }")
                .hasMessageContaining(
                        "network.layers[0].units: expected a whole number from 1 to 2147483647, found 4.5");
        assertLayersRefused("[9]", "{ type = dropout, ratio = 1 }", "{ type = output }")
                .hasMessageContaining("network.layers[0].ratio: expected a number at least 0 and below 1, found 1");
    }

    @Test
    void aMisspelledTypeIsTheOnlyProblemOfItsLayer() {
        assertLayersRefused("[9]", "{ type = densee, units = 4 }", "{ type = output }")
                .hasMessageContainingAll(
                        "network.layers[0].type: expected one of dense, convolution, max-pool,", "found \"densee\"")
                .hasMessageNotContainingAny("units", "problems");
    }
}
