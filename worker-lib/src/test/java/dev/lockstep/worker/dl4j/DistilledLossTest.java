package dev.lockstep.worker.dl4j;

import static dev.lockstep.worker.model.ActivationFunction.SOFTMAX;
import static dev.lockstep.worker.model.ActivationFunction.TANH;
import static dev.lockstep.worker.model.LossFunction.CROSS_ENTROPY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.worker.evaluate.StoredModel;
import dev.lockstep.worker.model.Batch;
import dev.lockstep.worker.model.CourseNetworks;
import dev.lockstep.worker.model.Distillation;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.layer.BatchNorm;
import dev.lockstep.worker.model.layer.Dense;
import dev.lockstep.worker.model.layer.Dropout;
import dev.lockstep.worker.model.layer.GlobalAveragePool;
import dev.lockstep.worker.model.layer.Loss;
import dev.lockstep.worker.model.layer.Output;
import dev.lockstep.worker.model.layer.Part;
import dev.lockstep.worker.model.layer.Residual;
import dev.lockstep.worker.model.layer.Residual.Shortcut;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.ILossFunction;

/** A teacher's part in the loss, in double precision, and what a teacher says. */
class DistilledLossTest {
    private static final double STEP = 1e-5;
    private static final Shape VECTOR = Shape.vector(4);
    private static final IActivation ACTIVATION = Functions.of(SOFTMAX);

    private static Distillation distillation(double weight, double temperature) {
        return new Distillation(weight, temperature, "", null);
    }

    private static Network network(List<Part> parts) {
        return Networks.build(CourseNetworks.of(VECTOR, parts), 7, new Sgd(1), DataType.DOUBLE);
    }

    private static DistilledLoss loss(double weight, double temperature, double... teacher) {
        DistilledLoss loss = DistilledLoss.install(
                network(List.of(new Output(3, SOFTMAX, CROSS_ENTROPY))), distillation(weight, temperature));
        loss.teach(teacher);
        return loss;
    }

    private static INDArray rows(double... values) {
        return Nd4j.createFromArray(values).reshape(values.length / 3, 3);
    }

    private static double score(ILossFunction loss, INDArray labels, INDArray outputs, boolean average) {
        return loss.computeScore(labels, outputs.dup(), ACTIVATION, null, average);
    }

    private static double[] gradient(ILossFunction loss, INDArray labels, INDArray outputs) {
        return loss.computeGradient(labels, outputs.dup(), ACTIVATION, null)
                .dup('c')
                .data()
                .asDouble();
    }

    /** From the formula, computed elsewhere: z = (1, 2, 3), t = (3, 1, 0), the last class. */
    @ParameterizedTest
    @CsvSource({
        "0.9, 4, 17.072925176734326, -0.8072935250694162, 0.14953638656103296, 0.6577571385083841",
        "0.5, 1, 1.3084982986180167, -0.3318667940702893, 0.18763087136250042, 0.1442359227077889"
    })
    void isTheFormula(double weight, double temperature, double loss, double first, double second, double third) {
        DistilledLoss distilled = loss(weight, temperature, 3, 1, 0, 3, 1, 0);
        INDArray labels = rows(0, 0, 1, 0, 0, 1);
        INDArray outputs = rows(1, 2, 3, 1, 2, 3);
        assertThat(score(distilled, labels, outputs, true)).isCloseTo(loss, within(1e-12));
        assertThat(score(distilled, labels, outputs, false)).isCloseTo(2 * loss, within(1e-12));
        assertThat(distilled
                        .computeScoreArray(labels, outputs.dup(), ACTIVATION, null)
                        .reshape(2)
                        .toDoubleVector())
                .containsExactly(new double[] {loss, loss}, within(1e-12));
        assertThat(gradient(distilled, labels, outputs))
                .containsExactly(new double[] {first, second, third, first, second, third}, within(1e-12));
    }

    /** A teacher that is sure says what labels say. */
    @Test
    void aSureTeacherAloneIsTheLabels() {
        DistilledLoss distilled = loss(1, 1, 0, 0, 60, 60, 0, 0);
        ILossFunction plain = Functions.of(CROSS_ENTROPY, 3);
        INDArray outputs = rows(1, -2, 0.5, 3, 1, -1);
        INDArray labels = rows(0, 0, 1, 1, 0, 0);
        INDArray others = rows(0, 1, 0, 0, 0, 1); // the labels themselves count nothing
        assertThat(gradient(distilled, others, outputs))
                .containsExactly(gradient(plain, labels, outputs), within(1e-6));
        assertThat(score(distilled, others, outputs, true))
                .isCloseTo(score(plain, labels, outputs, true), within(1e-6));
        assertThat(score(distilled, labels, outputs, true))
                .isCloseTo(score(distilled, others, outputs, true), within(1e-12));
    }

    @Test
    void largeOutputsAreFinite() {
        DistilledLoss distilled = loss(0.5, 0.01, 1e6, -1e6, 0);
        INDArray labels = rows(1, 0, 0);
        assertThat(score(distilled, labels, rows(-1e5, 1e5, 0), true))
                .isFinite()
                .isGreaterThan(100);
        assertThat(gradient(distilled, labels, rows(-1e5, 1e5, 0)))
                .containsExactly(new double[] {-0.505, 0.505, 0}, within(1e-12));
    }

    @Test
    void aTeacherOfAnotherBatchIsRefused() {
        DistilledLoss distilled = loss(0.5, 2, 1, 2, 3);
        assertThatThrownBy(() -> gradient(distilled, rows(1, 0, 0, 1, 0, 0), rows(1, 2, 3, 4, 5, 6)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the teacher told 3 outputs of the batch, but the network has 6");
    }

    static Stream<List<Part>> networks() {
        Output softmax = new Output(3, SOFTMAX, CROSS_ENTROPY);
        return Stream.of(
                List.of(new Dense(4, TANH), softmax),
                List.of(
                        new Dense(4, TANH),
                        new BatchNorm(.9, 1e-5),
                        new Dense(3, TANH),
                        new Loss(SOFTMAX, CROSS_ENTROPY)),
                List.of(new Residual(List.of(new Dense(4, TANH)), Shortcut.IDENTITY, TANH), softmax));
    }

    /** The whole network's gradient is the slope of sum w E / sum w, times sum w, of examples that weigh w. */
    @ParameterizedTest
    @MethodSource("networks")
    void gradientIsTheSlopeOfTheLoss(List<Part> parts) {
        Network network = network(parts);
        network.initGradients();
        DistilledLoss distilled = DistilledLoss.install(network, distillation(0.7, 3));
        NetworkSpec spec = CourseNetworks.of(VECTOR, parts);
        MeasuredLoss measured = MeasuredLoss.install(network, spec.objective(), 3);
        float[] weights = {0.5f, 3, 1, 7.25f};
        double total = 11.75;
        measured.weigh(new Batch(4, VECTOR, 3, null, null, 1, null, weights));
        Random random = new Random(5);
        distilled.teach(random.doubles(12, -5, 5).toArray());
        INDArray features =
                Nd4j.createFromArray(random.doubles(16, -1, 1).toArray()).reshape(4, 4);
        INDArray labels = rows(1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0);
        network.computeGradient(features.dup(), labels);
        double[] gradient = network.gradients().dup().data().asDouble();
        INDArray parameters = network.parameters();
        double largest = 0;
        for (var block : network.layout().blocks()) {
            for (int i = block.from(); i < block.to() && !block.runningStatistics(); i++) {
                double at = parameters.getDouble(i);
                parameters.putScalar(i, at + STEP);
                double above = network.computeGradient(features.dup(), labels);
                parameters.putScalar(i, at - STEP);
                double below = network.computeGradient(features.dup(), labels);
                parameters.putScalar(i, at);
                double slope = (above - below) / (2 * STEP) * total;
                assertThat(gradient[i])
                        .as("parameter %d", i)
                        .isCloseTo(slope, within(1e-5 * Math.max(Math.abs(slope), 1e-3)));
                largest = Math.max(largest, Math.abs(slope));
            }
        }
        assertThat(largest).isGreaterThan(0.1);
    }

    /** Its softmax is what it answers in evaluation mode; and twice the same, whatever it would drop. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theTeacherTellsWhatGoesIntoItsSoftmax(boolean graph) {
        Shape images = new Shape(2, 4, 4);
        Part conv = CourseNetworks.conv(2, 3, 1);
        NetworkSpec spec = CourseNetworks.of(
                images,
                graph
                        ? List.of(
                                conv,
                                new Residual(List.of(conv, new BatchNorm(.9, 1e-5)), Shortcut.IDENTITY, TANH),
                                new GlobalAveragePool(),
                                CourseNetworks.softmax(3))
                        : List.of(
                                conv,
                                new BatchNorm(.9, 1e-5),
                                new Dropout(0.5),
                                new Dense(3, TANH),
                                new Dropout(0.5),
                                new Loss(SOFTMAX, CROSS_ENTROPY)));
        float[] parameters = Networks.initialParameters(spec, 3);
        StoredModel model = new StoredModel(Networks.stockConfigurationJson(spec), parameters);
        float[] features = new float[5 * images.size()];
        Random random = new Random(1);
        for (int i = 0; i < features.length; i++) {
            features[i] = random.nextFloat();
        }
        Batch batch = new Batch(5, images, 3, features, new float[15], 1, null, null);
        try (Dl4jModel answering = Dl4jModel.of(spec);
                TeacherNetwork teacher = new TeacherNetwork(model)) {
            answering.setParameters(parameters);
            double[] outputs = teacher.outputs(batch);
            assertThat(teacher.outputs(batch)).isEqualTo(outputs);
            float[][] answers = answering.predict(batch).outputs();
            boolean negative = false;
            for (int n = 0; n < 5; n++) {
                double sum = 0;
                for (int k = 0; k < 3; k++) {
                    sum += Math.exp(outputs[3 * n + k]);
                    negative |= outputs[3 * n + k] < 0;
                }
                for (int k = 0; k < 3; k++) {
                    assertThat(Math.exp(outputs[3 * n + k]) / sum).isCloseTo(answers[n][k], within(1e-6));
                }
            }
            assertThat(negative).as("or they could be probabilities").isTrue();
        }
        assertThat(TeacherNetwork.endsWithSoftmax(model.configurationJson())).isTrue();
    }
}
