package dev.lockstep.worker.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.model.layer.BatchNorm;
import dev.lockstep.worker.model.layer.Convolution;
import dev.lockstep.worker.model.layer.Dense;
import dev.lockstep.worker.model.layer.Output;
import dev.lockstep.worker.model.optimizer.Sgd;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class WeightInitTest {

    /** Fan-in: 32 channels x 3 x 3 = 288, then 64 x 8 x 8 = 4096, then 100. */
    static Stream<Arguments> inits() {
        return Stream.of(
                Arguments.of(new WeightInit.Gauss(0.01), 0.01, 0.01, 0.01),
                Arguments.of(new WeightInit.Gauss(0.5), 0.5, 0.5, 0.5),
                Arguments.of(new WeightInit.Xavier(), Math.sqrt(1.0 / 288), Math.sqrt(1.0 / 4096), Math.sqrt(0.01)),
                Arguments.of(new WeightInit.He(), Math.sqrt(2.0 / 288), Math.sqrt(2.0 / 4096), Math.sqrt(0.02)));
    }

    @ParameterizedTest
    @MethodSource("inits")
    void spreadIsTheCourses(WeightInit init, double convolution, double dense, double output) {
        NetworkSpec spec = new NetworkSpec(
                new Shape(32, 10, 10),
                List.of(
                        new Convolution(64, 3, 1, 0, ActivationFunction.IDENTITY),
                        new BatchNorm(0.9, 1e-5),
                        new Dense(100, ActivationFunction.RELU),
                        new Output(200, ActivationFunction.SOFTMAX, LossFunction.CROSS_ENTROPY)),
                init,
                new Sgd(0.1),
                0,
                0);
        MultiLayerNetwork network = new MultiLayerNetwork(Networks.stack(spec, 3));
        network.init();
        network.setParameters(Nd4j.createFromArray(Networks.initialParameters(spec, 3)));
        isNormal(network.getParam("0_W"), convolution);
        isNormal(network.getParam("2_W"), dense);
        isNormal(network.getParam("3_W"), output);
        for (String zero : List.of("0_b", "2_b", "3_b", "1_beta", "1_mean")) {
            assertThat(network.getParam(zero).dup().data().asFloat()).as(zero).containsOnly(0f);
        }
        for (String one : List.of("1_gamma", "1_var")) {
            assertThat(network.getParam(one).dup().data().asFloat()).as(one).containsOnly(1f);
        }
    }

    @Test
    void zerosAndALayersOwnInit() {
        NetworkSpec spec = new NetworkSpec(
                Shape.vector(200),
                List.of(
                        new Dense(100, ActivationFunction.RELU),
                        new Dense(200, ActivationFunction.RELU, new WeightInit.Gauss(0.5)),
                        new Output(
                                200, ActivationFunction.SOFTMAX, LossFunction.CROSS_ENTROPY, new WeightInit.Xavier())),
                new WeightInit.Zeros(),
                new Sgd(0.1),
                0,
                0);
        MultiLayerNetwork network = new MultiLayerNetwork(Networks.stack(spec, 3));
        network.init();
        assertThat(network.getParam("0_W").dup().data().asFloat()).containsOnly(0f);
        isNormal(network.getParam("1_W"), 0.5);
        isNormal(network.getParam("2_W"), Math.sqrt(1.0 / 200));
    }

    /** At least 18,000 weights: the spread of the measured spread is 0.5 %. */
    private static void isNormal(INDArray weights, double standardDeviation) {
        float[] values = weights.dup().data().asFloat();
        double mean = 0;
        double square = 0;
        int inside = 0;
        for (float value : values) {
            mean += value / (double) values.length;
            square += (double) value * value / values.length;
            inside += Math.abs(value) < standardDeviation ? 1 : 0;
        }
        assertThat(values.length).isGreaterThan(18_000);
        assertThat(mean / standardDeviation).isCloseTo(0, within(0.03));
        assertThat(Math.sqrt(square) / standardDeviation).isCloseTo(1, within(0.03));
        assertThat(inside / (double) values.length).isCloseTo(0.6827, within(0.02)); // normal, not uniform
    }
}
