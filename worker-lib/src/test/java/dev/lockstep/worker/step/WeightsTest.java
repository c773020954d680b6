package dev.lockstep.worker.step;

import static dev.lockstep.worker.model.ActivationFunction.IDENTITY;
import static dev.lockstep.worker.model.ActivationFunction.RELU;
import static dev.lockstep.worker.model.ActivationFunction.SIGMOID;
import static dev.lockstep.worker.model.ActivationFunction.TANH;
import static dev.lockstep.worker.model.CourseNetworks.conv;
import static dev.lockstep.worker.model.CourseNetworks.dense;
import static dev.lockstep.worker.model.CourseNetworks.pool;
import static dev.lockstep.worker.model.CourseNetworks.softmax;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.model.Clipping;
import dev.lockstep.worker.model.CourseNetworks;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.ExampleFormat.Element;
import dev.lockstep.worker.model.ExampleFormat.Target;
import dev.lockstep.worker.model.LossFunction;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Schedule;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.WeightInit;
import dev.lockstep.worker.model.layer.Activation;
import dev.lockstep.worker.model.layer.BatchNorm;
import dev.lockstep.worker.model.layer.Convolution;
import dev.lockstep.worker.model.layer.Dense;
import dev.lockstep.worker.model.layer.Dropout;
import dev.lockstep.worker.model.layer.GlobalAveragePool;
import dev.lockstep.worker.model.layer.LayerNorm;
import dev.lockstep.worker.model.layer.Loss;
import dev.lockstep.worker.model.layer.MeanOverTime;
import dev.lockstep.worker.model.layer.Output;
import dev.lockstep.worker.model.layer.PRelu;
import dev.lockstep.worker.model.layer.Part;
import dev.lockstep.worker.model.layer.Residual;
import dev.lockstep.worker.model.layer.Residual.Shortcut;
import dev.lockstep.worker.model.objective.Objective;
import dev.lockstep.worker.model.optimizer.Adam;
import dev.lockstep.worker.model.optimizer.Momentum;
import dev.lockstep.worker.model.optimizer.Sgd;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.reduce.ReductionTree;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.seed.SeedLaw.Purpose;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;

/** An example that weighs 2 is the example twice, of its own weight or of its class's: in the gradient, the loss, the step. */
class WeightsTest {
    private static final String KERNELS = "lockstep.kernels";
    private static final SeedLaw SEEDS = new SeedLaw(7);
    private static final int CLASSES = 3;
    private static final Shape IMAGE = new Shape(2, 8, 8);
    private static final Shape VECTOR = Shape.vector(6);
    private static final int[] WEIGHTS = {1, 2, 1, 3, 2, 1, 1, 4, 1};
    private static final Target CLASS = new Target(Target.Kind.CLASS, CLASSES);
    private static final Target VALUES = new Target(Target.Kind.VALUES, CLASSES);

    @AfterEach
    void kernelsAsTheyWere() {
        System.clearProperty(KERNELS);
    }

    static Stream<Arguments> networks() {
        List<Arguments> cases = new ArrayList<>();
        for (String kernels : List.of("on", "off")) {
            cases.add(of(
                    kernels, "images", Element.BYTE, CLASS, IMAGE, conv(6, 3, 0), pool(), dense(20), softmax(CLASSES)));
            cases.add(of(
                    kernels,
                    "a graph",
                    Element.BYTE,
                    CLASS,
                    IMAGE,
                    new Residual(List.of(new Convolution(2, 3, 1, 1, TANH)), Shortcut.IDENTITY, RELU),
                    new GlobalAveragePool(),
                    softmax(CLASSES)));
            cases.add(of(
                    kernels,
                    "layers of ours",
                    Element.FLOAT,
                    CLASS,
                    VECTOR,
                    new Dense(8, IDENTITY),
                    new LayerNorm(1e-5),
                    new PRelu(),
                    softmax(CLASSES)));
            cases.add(of(
                    kernels,
                    "sequences",
                    Element.FLOAT,
                    CLASS,
                    Shape.sequence(4),
                    new MeanOverTime(),
                    dense(8),
                    softmax(CLASSES)));
            cases.add(of(
                    kernels,
                    "labels",
                    Element.FLOAT,
                    VALUES,
                    VECTOR,
                    dense(8),
                    new Output(CLASSES, SIGMOID, LossFunction.BINARY_CROSS_ENTROPY)));
            for (LossFunction loss :
                    List.of(LossFunction.SQUARED_ERROR, LossFunction.ABSOLUTE_ERROR, LossFunction.HUBER)) {
                cases.add(of(
                        kernels,
                        "values, " + loss,
                        Element.FLOAT,
                        VALUES,
                        VECTOR,
                        dense(8),
                        new Output(CLASSES, IDENTITY, loss)));
            }
            cases.add(of(
                    kernels,
                    "a loss alone",
                    Element.FLOAT,
                    VALUES,
                    VECTOR,
                    new Dense(CLASSES, TANH),
                    new Loss(IDENTITY, LossFunction.SQUARED_ERROR)));
        }
        return cases.stream();
    }

    private static Arguments of(
            String kernels, String name, Element element, Target target, Shape input, Part... parts) {
        NetworkSpec spec = new NetworkSpec(
                input,
                NetworkSpec.chain(List.of(parts)),
                new WeightInit.He(),
                new Momentum(0.1, 0.9),
                1e-3,
                1e-2,
                Clipping.NONE,
                Schedule.CONSTANT,
                List.of(),
                target.kind() == Target.Kind.CLASS ? Objective.CLASSIFICATION : Objective.REGRESSION,
                new ExampleFormat(element, input, target),
                List.of());
        return Arguments.of(kernels, name, spec);
    }

    /** One of some examples, which differ in all that they can. */
    private static byte[] example(ExampleFormat format, int number, float weight) {
        Random random = new Random(number);
        int label = random.nextInt(CLASSES);
        if (format.element() == Element.BYTE) {
            byte[] values = new byte[format.features().size()];
            random.nextBytes(values);
            return format.pack(label, values, 0, weight);
        }
        float[] values =
                new float[format.features().size() * (format.features().hasTime() ? 1 + random.nextInt(5) : 1)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        float[] target = {label};
        if (format.target().kind() == Target.Kind.VALUES) {
            target = new float[] {random.nextInt(2), random.nextInt(2), random.nextInt(2)};
        }
        return format.pack(values, target, weight);
    }

    private static List<byte[]> once(ExampleFormat format, IntUnaryOperator weight) {
        return IntStream.range(0, WEIGHTS.length)
                .mapToObj(i -> example(format, i, weight.applyAsInt(i)))
                .toList();
    }

    /** Each as many times as it would weigh. */
    private static List<byte[]> repeated(ExampleFormat format, IntUnaryOperator weight) {
        return IntStream.range(0, WEIGHTS.length)
                .boxed()
                .flatMap(i -> Stream.generate(() -> example(format, i, 1)).limit(weight.applyAsInt(i)))
                .toList();
    }

    @ParameterizedTest(name = "{1}, kernels {0}")
    @MethodSource("networks")
    void weight2IsTheRowTwice(String kernels, String name, NetworkSpec spec) {
        System.setProperty(KERNELS, kernels);
        ExampleFormat weighted = spec.format().withWeights();
        assertSame(spec.of(weighted), once(weighted, i -> WEIGHTS[i]), spec, repeated(spec.format(), i -> WEIGHTS[i]));
    }

    @ParameterizedTest(name = "{1}, kernels {0}")
    @MethodSource("networks")
    void theWeightOfAClassIsThatOfItsRows(String kernels, String name, NetworkSpec spec) {
        if (spec.objective() != Objective.CLASSIFICATION) {
            return; // classes alone have weights
        }
        System.setProperty(KERNELS, kernels);
        int[] classWeights = {2, 1, 3};
        ExampleFormat format = spec.format();
        IntUnaryOperator ofClass = i -> classWeights[ExampleFormat.classOf(example(format, i, 1))];
        NetworkSpec weighing = spec.weighing(List.of(2.0, 1.0, 3.0));
        assertSame(weighing, once(format, i -> 1), spec, repeated(format, ofClass));
        assertSame(
                weighing.of(format.withWeights()),
                once(format.withWeights(), i -> WEIGHTS[i]),
                spec,
                repeated(format, i -> WEIGHTS[i] * ofClass.applyAsInt(i)));
    }

    /** How far apart two orders of one sum may be: oneDNN, which is DL4J's, transforms small convolutions (Winograd) where it has AVX-512. */
    private static double tolerance() {
        return "off".equals(System.getProperty(KERNELS)) ? 4e-6 : 1e-6;
    }

    private static void assertSame(
            NetworkSpec weighing, List<byte[]> examples, NetworkSpec counting, List<byte[]> repeated) {
        Replica weighed = replica(weighing);
        Replica counted = replica(counting);
        StepId id = new StepId(0, 0, examples.size());
        StepId ofRepeated = new StepId(0, 0, repeated.size());
        PartialSum actual = weighed.gradient(id, 0, examples);
        PartialSum expected = counted.gradient(ofRepeated, 0, repeated);
        assertThat(difference(actual.gradient(), expected.gradient())).isLessThan(tolerance());
        assertThat(actual.examples()).isEqualTo(WEIGHTS.length);
        assertThat(actual.weight()).isEqualTo(repeated.size());
        StepMetrics metrics = weighed.step(id, actual);
        StepMetrics ofCounted = counted.step(ofRepeated, expected);
        assertThat(metrics.loss()).isCloseTo(ofCounted.loss(), within(1e-6 * ofCounted.loss()));
        assertThat(metrics.gradientNorm()).isCloseTo(ofCounted.gradientNorm(), within(1e-6 * ofCounted.gradientNorm()));
        assertThat(difference(weighed.parameters(), counted.parameters())).isLessThan(tolerance());
    }

    private static Replica replica(NetworkSpec spec) {
        Replica replica = new Replica(spec, SEEDS);
        replica.setOptimizerState(new float[replica.optimizerStateCount()]);
        return replica;
    }

    /** The largest, of the largest value. */
    private static double difference(float[] actual, float[] expected) {
        double difference = 0;
        double largest = 0;
        for (int i = 0; i < expected.length; i++) {
            difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
            largest = Math.max(largest, Math.abs(expected[i]));
        }
        assertThat(largest).isGreaterThan(0.1);
        return difference / largest;
    }

    /** The other way to say it: g = sum over the examples of w_i g_i, each g_i computed alone. */
    @Test
    void theGradientIsTheWeightedSumOfEachExamples() {
        NetworkSpec spec = CourseNetworks.of(IMAGE, List.of(conv(6, 3, 0), pool(), dense(20), softmax(CLASSES)));
        ExampleFormat weighted = spec.format().withWeights();
        float[] weights = {0.3f, 1e-4f, 12.5f, 1};
        Replica one = replica(spec);
        double[] expected = new double[one.parameterCount()];
        List<byte[]> examples = new ArrayList<>();
        for (int i = 0; i < weights.length; i++) {
            examples.add(example(weighted, i, weights[i]));
            float[] own = one.gradient(new StepId(0, 0, 1), 0, List.of(example(spec.format(), i, 1)))
                    .gradient();
            for (int j = 0; j < own.length; j++) {
                expected[j] += (double) weights[i] * own[j];
            }
        }
        StepId id = new StepId(0, 0, weights.length);
        Replica replica = replica(spec.of(weighted));
        PartialSum sum = replica.gradient(id, 0, examples);
        float[] floats = new float[expected.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) expected[i];
        }
        assertThat(difference(sum.gradient(), floats)).isLessThan(1e-6);
        assertThat(sum.weight()).isEqualTo((double) 0.3f + 1e-4f + 12.5f + 1);
    }

    /** No whole number of examples: plain SGD goes rate sum / weight down. */
    @Test
    void theSumIsDividedByTheWeights() {
        NetworkSpec spec = CourseNetworks.of(VECTOR, List.of(dense(5), softmax(CLASSES)), new Sgd(0.5));
        ExampleFormat weighted = spec.format().withWeights();
        Replica replica = replica(spec.of(weighted));
        StepId id = new StepId(0, 0, 2);
        PartialSum sum = replica.gradient(id, 0, List.of(example(weighted, 1, 0.3f), example(weighted, 2, 0.07f)));
        float[] before = replica.parameters();
        float[] gradient = sum.gradient().clone();
        replica.step(id, sum);
        assertThat(sum.gradient()).as("others may read it still").isEqualTo(gradient);
        float[] after = replica.parameters();
        double largest = 0;
        for (int i = 0; i < after.length; i++) {
            double step = 0.5 * gradient[i] / ((double) 0.3f + 0.07f);
            assertThat((double) before[i] - after[i]).isCloseTo(step, within(2e-7));
            largest = Math.max(largest, Math.abs(step));
        }
        assertThat(largest).isGreaterThan(0.1);
    }

    // Weights that are all the same, and a power of 2, change no bit of a model: ratios alone matter.

    @Test
    void equalWeightsKeepTheBits() {
        NetworkSpec spec = new NetworkSpec(
                IMAGE,
                NetworkSpec.chain(List.of(
                        new Convolution(6, 3, 1, 1, IDENTITY),
                        new BatchNorm(0.9, 1e-5),
                        new Activation(RELU),
                        pool(),
                        new Dropout(0.25),
                        dense(20),
                        softmax(CLASSES))),
                new WeightInit.He(),
                new Adam(0.01, 0.9, 0.999, 1e-7),
                1e-3,
                1e-2,
                new Clipping(0.5, 0.1),
                Schedule.CONSTANT,
                List.of());
        ExampleFormat weighted = spec.format().withWeights();
        Replica plain = replica(spec);
        Replica own = replica(spec.of(weighted));
        Replica ofClasses = replica(spec.weighing(List.of(0.5, 0.5, 0.5)));
        for (int step = 0; step < 4; step++) {
            int count = step == 2 ? 6 : 7; // 3.5 weigh no whole number
            StepMetrics expected = step(plain, step, count, 1);
            for (Replica replica : List.of(own, ofClasses)) {
                StepMetrics actual = step(replica, step, count, replica == own ? 0.5f : 1);
                assertThat(replica.parameters()).isEqualTo(plain.parameters());
                assertThat(replica.optimizerState()).isEqualTo(plain.optimizerState());
                assertThat(actual.gradientNorm()).isEqualTo(expected.gradientNorm());
                assertThat(actual.layerGradientNorms()).isEqualTo(expected.layerGradientNorms());
                assertThat(actual.figures()).isEqualTo(expected.figures());
                assertThat(actual.loss()).isCloseTo(expected.loss(), within(1e-6));
            }
        }
    }

    /** In two shards, one larger than the other. */
    private static StepMetrics step(Replica replica, int step, int count, float weight) {
        ExampleFormat format = ExampleFormat.bytes(IMAGE, CLASSES);
        List<byte[]> examples = IntStream.range(0, count)
                .mapToObj(i -> example(weight == 1 ? format : format.withWeights(), 10 * step + i, weight))
                .toList();
        StepId id = new StepId(step, 0, count);
        List<PartialSum> shards = List.of(
                replica.gradient(id, 0, examples.subList(0, 4)), replica.gradient(id, 1, examples.subList(4, count)));
        return replica.step(id, new ReductionTree(2).combine(shards));
    }

    /** Its means are those of the examples as they are, and its running averages are weighted by examples. */
    @Test
    void batchNormCountsEveryExampleOnce() {
        NetworkSpec spec = CourseNetworks.of(VECTOR, List.of(new BatchNorm(0.9, 1e-5), dense(4), softmax(CLASSES)));
        ExampleFormat weighted = spec.format().withWeights();
        StepId id = new StepId(0, 0, 12);
        float[] plain =
                replica(spec).gradient(id, 0, once(spec.format(), i -> 1)).gradient();
        float[] weighing = replica(spec.of(weighted))
                .gradient(id, 0, once(weighted, i -> WEIGHTS[i]))
                .gradient();
        for (int i = 12; i < 24; i++) { // behind gamma [6] and beta [6]
            assertThat(weighing[i]).isEqualTo(plain[i]).isNotZero();
        }
        assertThat(weighing[0]).isNotEqualTo(plain[0]);
    }

    /** DL4J's own weights of classes divide by the examples: where those weigh as many as they are, all bits are its. */
    @Test
    void classesThatWeighAsManyAsTheyAreAreStockDl4j() {
        System.setProperty(KERNELS, "off");
        NetworkSpec spec = CourseNetworks.of(IMAGE, List.of(conv(6, 3, 0), pool(), dense(20), softmax(2)));
        Replica replica = replica(spec.weighing(List.of(0.5, 2.0)));
        MultiLayerConfiguration configuration = Networks.stack(spec, SEEDS.seed(Purpose.INITIAL_WEIGHTS));
        OutputLayer output = (OutputLayer) configuration.getConf(3).getLayer();
        output.setLossFn(new LossMCXENT(Nd4j.createFromArray(0.5f, 2f)));
        MultiLayerNetwork stock = new MultiLayerNetwork(configuration);
        stock.init();
        stock.getUpdater().getStateViewArray().assign(0);
        for (int step = 0; step < 20; step++) {
            List<byte[]> drawn = Examples.random(IMAGE, 2, 60, step);
            List<byte[]> batch = new ArrayList<>(ofClass(drawn, 1).subList(0, 4));
            batch.addAll(3, ofClass(drawn, 0).subList(0, 8)); // 8 / 2 + 4 * 2 = 12
            StepId id = new StepId(step, 0, 12);
            StepMetrics metrics = replica.step(id, replica.gradient(id, 0, batch));
            stock.fit(Examples.features(IMAGE, batch), Examples.labels(2, batch));
            assertThat(replica.parameters())
                    .as("parameters after step %d", step)
                    .isEqualTo(stock.params().data().asFloat());
            assertThat(metrics.loss()).isCloseTo(stock.score(), within(1e-6));
        }
    }

    private static List<byte[]> ofClass(List<byte[]> examples, int label) {
        return examples.stream()
                .filter(example -> ExampleFormat.classOf(example) == label)
                .toList();
    }
}
