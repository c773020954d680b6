package dev.lockstep.worker.dl4j;

import static dev.lockstep.worker.model.ActivationFunction.IDENTITY;
import static dev.lockstep.worker.model.ActivationFunction.SIGMOID;
import static dev.lockstep.worker.model.ActivationFunction.SOFTMAX;
import static dev.lockstep.worker.model.ActivationFunction.TANH;
import static dev.lockstep.worker.model.LossFunction.ABSOLUTE_ERROR;
import static dev.lockstep.worker.model.LossFunction.BINARY_CROSS_ENTROPY;
import static dev.lockstep.worker.model.LossFunction.CROSS_ENTROPY;
import static dev.lockstep.worker.model.LossFunction.HUBER;
import static dev.lockstep.worker.model.LossFunction.SQUARED_ERROR;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.Batch;
import dev.lockstep.worker.model.CourseNetworks;
import dev.lockstep.worker.model.LossFunction;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.layer.BatchNorm;
import dev.lockstep.worker.model.layer.Convolution;
import dev.lockstep.worker.model.layer.Dense;
import dev.lockstep.worker.model.layer.GlobalAveragePool;
import dev.lockstep.worker.model.layer.Layer;
import dev.lockstep.worker.model.layer.Loss;
import dev.lockstep.worker.model.layer.MeanOverTime;
import dev.lockstep.worker.model.layer.Output;
import dev.lockstep.worker.model.layer.Part;
import dev.lockstep.worker.model.layer.Residual;
import dev.lockstep.worker.model.layer.Residual.Shortcut;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.ILossFunction;

/**
 * Weights of examples: the whole network's gradient is the slope of sum w E / sum w, times sum w, in double precision; and
 * the loss's own is, to the bit, what DL4J's losses make of a mask.
 */
class MeasuredLossTest {
    private static final double STEP = 1e-5;
    private static final float[] WEIGHTS = {0.5f, 3, 1e-3f, 1, 7.25f};
    private static final int EXAMPLES = WEIGHTS.length;
    private static final int STEPS = 4;
    private static final Shape VECTOR = Shape.vector(4);

    private static Batch weights(float... weights) {
        return new Batch(EXAMPLES, VECTOR, 3, null, null, 1, null, weights);
    }

    private static double sum(float[] weights) {
        return weights(weights).weight();
    }

    static Stream<Arguments> networks() {
        List<Arguments> cases = new ArrayList<>();
        Part dense = new Dense(4, TANH);
        Layer softmax = new Output(3, SOFTMAX, CROSS_ENTROPY);
        cases.add(of("cross-entropy", VECTOR, dense, softmax));
        cases.add(of("binary cross-entropy", VECTOR, dense, new Output(3, SIGMOID, BINARY_CROSS_ENTROPY)));
        for (LossFunction loss : List.of(SQUARED_ERROR, ABSOLUTE_ERROR, HUBER)) {
            cases.add(of(loss + " of tanh", VECTOR, dense, new Output(3, TANH, loss)));
            cases.add(of(loss + ", no weights of its own", VECTOR, new Dense(3, TANH), new Loss(IDENTITY, loss)));
        }
        cases.add(of("batch norm", VECTOR, dense, new BatchNorm(.9, 1e-5), softmax));
        Part conv = new Convolution(2, 3, 1, 1, TANH);
        cases.add(of(
                "a graph of images",
                new Shape(2, 4, 4),
                conv,
                new Residual(List.of(conv), Shortcut.IDENTITY, TANH),
                new GlobalAveragePool(),
                softmax));
        cases.add(of("sequences", Shape.sequence(4), new MeanOverTime(), dense, softmax));
        return cases.stream();
    }

    private static Arguments of(String name, Shape input, Part... parts) {
        return Arguments.of(name, CourseNetworks.of(input, List.of(parts)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("networks")
    void gradientIsTheSlopeOfTheWeightedMean(String name, NetworkSpec spec) {
        Network network = Networks.build(spec, 7, new Sgd(1), DataType.DOUBLE);
        network.initGradients();
        MeasuredLoss measured = MeasuredLoss.install(network, spec.objective(), spec.classes());
        Random random = new Random(5);
        INDArray parameters = network.parameters();
        for (long i = 0; i < parameters.length(); i++) {
            parameters.putScalar(i, parameters.getDouble(i) + 0.2 * random.nextGaussian());
        }
        Shape input = spec.input();
        boolean time = input.hasTime();
        INDArray features =
                Nd4j.createFromArray(random.doubles((long) EXAMPLES * input.size() * (time ? STEPS : 1), -1, 1)
                        .toArray());
        features = time
                ? features.reshape(EXAMPLES, input.size(), STEPS)
                : input.isImage()
                        ? features.reshape(EXAMPLES, input.channels(), input.height(), input.width())
                        : features.reshape(EXAMPLES, input.size());
        INDArray mask = null;
        if (time) {
            mask = Nd4j.ones(DataType.DOUBLE, EXAMPLES, STEPS);
            mask.putScalar(1, STEPS - 1, 0);
            mask.putScalar(4, STEPS - 1, 0);
        }
        INDArray labels = Nd4j.zeros(DataType.DOUBLE, EXAMPLES, 3);
        for (int i = 0; i < EXAMPLES; i++) {
            labels.putScalar(i, i % 3, 1);
        }

        network.computeGradient(features.dup(), labels, mask, null);
        double[] plain = network.gradients().dup().data().asDouble();
        measured.weigh(weights(WEIGHTS));
        network.computeGradient(features.dup(), labels, mask, null);
        double[] gradient = network.gradients().dup().data().asDouble();
        double largest = 0;
        for (var block : new Dl4jModel(network).layout().blocks()) {
            for (int i = block.from(); i < block.to() && !block.runningStatistics(); i++) {
                double at = parameters.getDouble(i);
                parameters.putScalar(i, at + STEP);
                double above = network.computeGradient(features.dup(), labels, mask, null);
                parameters.putScalar(i, at - STEP);
                double below = network.computeGradient(features.dup(), labels, mask, null);
                parameters.putScalar(i, at);
                double slope = (above - below) / (2 * STEP) * sum(WEIGHTS);
                assertThat(gradient[i])
                        .as("parameter %d", i)
                        .isCloseTo(slope, within(1e-5 * Math.max(Math.abs(slope), 1e-3)));
                largest = Math.max(largest, Math.abs(slope));
            }
        }
        assertThat(largest).isGreaterThan(0.1);
        assertThat(gradient).isNotEqualTo(plain);
    }

    @ParameterizedTest
    @CsvSource({
        "CROSS_ENTROPY, SOFTMAX",
        "BINARY_CROSS_ENTROPY, SIGMOID",
        "SQUARED_ERROR, TANH",
        "ABSOLUTE_ERROR, IDENTITY"
    })
    void isWhatDl4jMakesOfAMask(LossFunction function, ActivationFunction activation) {
        NetworkSpec spec = CourseNetworks.of(VECTOR, List.of(new Output(3, activation, function)));
        MeasuredLoss measured = MeasuredLoss.install(
                Networks.build(spec, 7, new Sgd(1), DataType.FLOAT), spec.objective(), spec.classes());
        measured.weigh(weights(WEIGHTS));
        ILossFunction theirs = Functions.of(function, 3);
        IActivation act = Functions.of(activation);
        INDArray sums = Nd4j.rand(DataType.FLOAT, EXAMPLES, 3);
        INDArray labels = Nd4j.zeros(DataType.FLOAT, EXAMPLES, 3);
        for (int i = 0; i < EXAMPLES; i++) {
            labels.putScalar(i, i % 3, 1);
        }
        INDArray mask = Nd4j.createFromArray(WEIGHTS).reshape(EXAMPLES, 1);
        assertThat(measured.computeGradient(labels, sums.dup(), act, null).toFloatMatrix())
                .isDeepEqualTo(
                        theirs.computeGradient(labels, sums.dup(), act, mask).toFloatMatrix());
        double sum = theirs.computeScore(labels, sums.dup(), act, mask, false);
        assertThat(measured.computeScore(labels, sums.dup(), act, null, true))
                .isCloseTo(sum / sum(WEIGHTS), within(1e-6 * sum));
        assertThat(measured.computeScore(labels, sums.dup(), act, null, false))
                .as("DL4J divides it by the examples")
                .isCloseTo(sum / sum(WEIGHTS) * EXAMPLES, within(1e-6 * sum));

        measured.weigh(weights((float[]) null));
        assertThat(measured.computeGradient(labels, sums.dup(), act, null).toFloatMatrix())
                .isDeepEqualTo(
                        theirs.computeGradient(labels, sums.dup(), act, null).toFloatMatrix());
        assertThat(measured.computeScore(labels, sums.dup(), act, null, false))
                .isEqualTo(theirs.computeScore(labels, sums.dup(), act, null, false));
    }

    /** An output with time has a row for each step: weights of examples would be those of others. */
    @Test
    void everyRowOfTheOutputIsAnExample() {
        NetworkSpec spec = CourseNetworks.of(VECTOR, List.of(new Output(3, SOFTMAX, CROSS_ENTROPY)));
        MeasuredLoss measured = MeasuredLoss.install(
                Networks.build(spec, 7, new Sgd(1), DataType.FLOAT), spec.objective(), spec.classes());
        measured.weigh(weights(WEIGHTS));
        INDArray six = Nd4j.rand(DataType.FLOAT, 6, 3);
        assertThatThrownBy(() -> measured.computeGradient(six, six.dup(), Functions.of(SOFTMAX), null))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "5 examples have weights, but the network's output has 6 rows; expected one for each example");
    }
}
