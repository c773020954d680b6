package dev.lockstep.worker.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.worker.data.BatchReader;
import dev.lockstep.worker.dl4j.Dl4jModel;
import dev.lockstep.worker.dl4j.Network;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.dl4j.layer.FastLayers;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.AverageOver;
import dev.lockstep.worker.model.Batch;
import dev.lockstep.worker.model.Clipping;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.ExampleFormat.Element;
import dev.lockstep.worker.model.ExampleFormat.Target;
import dev.lockstep.worker.model.LossFunction;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Schedule;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.WeightInit;
import dev.lockstep.worker.model.layer.Activation;
import dev.lockstep.worker.model.layer.Attention;
import dev.lockstep.worker.model.layer.Bidirectional;
import dev.lockstep.worker.model.layer.Convolution1d;
import dev.lockstep.worker.model.layer.Convolution1d.Padding;
import dev.lockstep.worker.model.layer.Dense;
import dev.lockstep.worker.model.layer.Direction;
import dev.lockstep.worker.model.layer.Embedding;
import dev.lockstep.worker.model.layer.Gru;
import dev.lockstep.worker.model.layer.LastStep;
import dev.lockstep.worker.model.layer.Layer;
import dev.lockstep.worker.model.layer.LayerNorm;
import dev.lockstep.worker.model.layer.Lstm;
import dev.lockstep.worker.model.layer.MeanOverTime;
import dev.lockstep.worker.model.layer.Output;
import dev.lockstep.worker.model.layer.Part;
import dev.lockstep.worker.model.layer.PositionalEncoding;
import dev.lockstep.worker.model.layer.RepeatLastStep;
import dev.lockstep.worker.model.layer.Rnn;
import dev.lockstep.worker.model.layer.TransformerBlock;
import dev.lockstep.worker.model.layer.TransformerBlock.Norm;
import dev.lockstep.worker.model.objective.Largest;
import dev.lockstep.worker.model.objective.Objective;
import dev.lockstep.worker.model.optimizer.Adam;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.seed.SeedLaw.Purpose;
import dev.lockstep.worker.tally.Tally;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Networks that read sequences of unequal lengths, and tell them as a whole or step by step. */
class SequencesTest {
    private static final String KERNELS = "lockstep.kernels";
    private static final int WIDTH = 3;
    private static final int CLASSES = 4;
    private static final SeedLaw SEEDS = new SeedLaw(7);

    private static NetworkSpec spec(AverageOver over, Objective objective, Part... layers) {
        return new NetworkSpec(
                Shape.sequence(layers[0] instanceof Embedding ? 1 : WIDTH),
                NetworkSpec.chain(List.of(layers)),
                new WeightInit.Gauss(0.5),
                new Adam(0.01, 0.9, 0.999, 1e-7),
                0,
                0,
                Clipping.NONE,
                Schedule.CONSTANT,
                List.of(),
                objective,
                null,
                List.of(),
                over,
                null,
                null);
    }

    private static NetworkSpec classifier(Part... layers) {
        NetworkSpec spec = spec(AverageOver.EXAMPLES, Objective.CLASSIFICATION, layers);
        return spec.of(new ExampleFormat(Element.FLOAT, spec.input(), spec.target()));
    }

    private static Layer softmax() {
        return new Output(CLASSES, ActivationFunction.SOFTMAX, LossFunction.CROSS_ENTROPY);
    }

    private static Layer rnn() {
        return new Rnn(6, ActivationFunction.TANH, null);
    }

    private static Layer lstm() {
        return new Lstm(5, 1, null);
    }

    private static Layer gru(Direction direction) {
        return new Gru(5, Gru.Reset.AFTER, direction);
    }

    static Stream<Arguments> networks() {
        return Stream.of(
                Arguments.of("rnn, every step", classifier(rnn(), softmax())),
                Arguments.of("lstm, every step", classifier(lstm(), softmax())),
                Arguments.of(
                        "lstm with peepholes, every step",
                        classifier(new Lstm(5, 1, Lstm.Peepholes.ON, null), softmax())),
                Arguments.of(
                        "two lstms both ways, side by side",
                        classifier(new Bidirectional(List.of(lstm(), lstm()), Bidirectional.Merge.CONCAT), softmax())),
                Arguments.of(
                        "rnn both ways, their mean",
                        classifier(new Bidirectional(List.of(rnn()), Bidirectional.Merge.MEAN), softmax())),
                Arguments.of("gru both ways, every step", classifier(gru(Direction.BOTH), softmax())),
                Arguments.of("gru, lstm, every step", classifier(gru(Direction.FORWARD), lstm(), softmax())),
                Arguments.of("lstm, last step", classifier(lstm(), new LastStep(), softmax())),
                Arguments.of("gru both ways, last step", classifier(gru(Direction.BOTH), new LastStep(), softmax())),
                Arguments.of("rnn, mean over time", classifier(rnn(), new MeanOverTime(), softmax())),
                Arguments.of(
                        "gru, dense, layer norm, every step",
                        classifier(
                                gru(Direction.FORWARD),
                                new Dense(6, ActivationFunction.RELU),
                                new LayerNorm(1e-5),
                                softmax())),
                Arguments.of(
                        "gru, last step at each, rnn",
                        classifier(gru(Direction.FORWARD), new RepeatLastStep(), rnn(), softmax())),
                Arguments.of(
                        "convolution, gru",
                        classifier(
                                new Convolution1d(4, 3, 2, Padding.CAUSAL, ActivationFunction.RELU),
                                gru(Direction.FORWARD),
                                softmax())),
                Arguments.of(
                        "rnn, sigmoid of its own, convolution",
                        classifier(
                                rnn(),
                                new Activation(ActivationFunction.SIGMOID),
                                new Convolution1d(4, 3, 1, Padding.SAME, ActivationFunction.IDENTITY),
                                softmax())),
                Arguments.of(
                        "embedding, gru, every step",
                        classifier(new Embedding(5, 6), gru(Direction.FORWARD), softmax())),
                Arguments.of(
                        "transformer block, norm before",
                        classifier(
                                new Dense(6, ActivationFunction.IDENTITY),
                                new TransformerBlock(
                                        2, 8, Attention.Mask.CAUSAL, Norm.BEFORE, 0, ActivationFunction.RELU),
                                softmax())),
                Arguments.of(
                        "transformer block, norm after",
                        classifier(
                                new Dense(6, ActivationFunction.IDENTITY),
                                new TransformerBlock(3, 8, Attention.Mask.NONE, Norm.AFTER, 0, ActivationFunction.RELU),
                                softmax())),
                Arguments.of(
                        "attention, last step",
                        classifier(
                                new Dense(6, ActivationFunction.IDENTITY),
                                new PositionalEncoding(),
                                new Attention(2, Attention.Mask.CAUSAL),
                                new LastStep(),
                                softmax())));
    }

    private static List<byte[]> examples(ExampleFormat format, int count, long seed, boolean ofOneLength) {
        Random random = new Random(seed);
        List<byte[]> examples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int steps = ofOneLength ? 4 : 1 + random.nextInt(6);
            float[] x = new float[steps * format.features().size()];
            for (int j = 0; j < x.length; j++) {
                x[j] = format.features().size() == 1 ? random.nextInt(5) : random.nextFloat() * 2 - 1;
            }
            Target target = format.target();
            float[] told = new float
                    [(target.everyStep() ? steps : 1) * (target.kind() == Target.Kind.CLASS ? 1 : target.values())];
            for (int j = 0; j < told.length; j++) {
                told[j] = target.kind() == Target.Kind.CLASS ? random.nextInt(CLASSES) : random.nextInt(2);
            }
            examples.add(format.pack(x, told));
        }
        return examples;
    }

    @AfterEach
    void kernelsAsTheyWere() {
        System.clearProperty(KERNELS);
    }

    /** So a batch, padded to its longest, is the sum of its sequences, of which none is padded. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("networks")
    void paddingCountsNothing(String name, NetworkSpec spec) {
        Replica replica = new Replica(spec, SEEDS);
        List<byte[]> examples = examples(spec.format(), 9, 3, false);
        StepId id = new StepId(0, 0, examples.size());
        PartialSum together = replica.gradient(id, 0, examples);
        float[] sum = new float[replica.parameterCount()];
        Tally tally = null;
        for (byte[] example : examples) {
            PartialSum alone = replica.gradient(new StepId(0, 0, 1), 0, List.of(example));
            for (int i = 0; i < sum.length; i++) {
                sum[i] += alone.gradient()[i];
            }
            tally = tally == null ? alone.tally() : tally.plus(alone.tally());
        }
        for (int i = 0; i < sum.length; i++) {
            assertThat(together.gradient()[i]).as("gradient %d", i).isCloseTo(sum[i], within(2e-5f));
        }
        assertThat(together.tally().lossSum()).isCloseTo(tally.lossSum(), within(1e-4));
        assertThat(together.tally().metrics()).containsExactly(tally.metrics());
    }

    /** Whoever answers gives each step up to the end, and a loss that is the training's. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("networks")
    void answersEndWithTheSequence(String name, NetworkSpec spec) {
        Replica replica = new Replica(spec, SEEDS);
        List<byte[]> examples = examples(spec.format(), 9, 4, false);
        var learnt = replica.gradient(new StepId(0, 0, examples.size()), 0, examples);
        Batch batch = new BatchReader(spec.format()).read(examples);
        var prediction = replica.model().predict(batch);
        double loss = 0;
        for (int n = 0; n < examples.size(); n++) {
            float[] target = spec.format().target(examples.get(n));
            float[] output = prediction.outputs()[n];
            assertThat(output).hasSameSizeAs(target);
            double own = 0;
            for (int i = 0; i < output.length; i++) {
                own -= target[i] * Math.log(output[i]);
            }
            assertThat(prediction.losses()[n]).isCloseTo(own, within(1e-5));
            loss += own;
        }
        assertThat(learnt.tally().lossSum()).isCloseTo(loss, within(1e-4));
    }

    static Stream<Arguments> stocksToo() {
        return stacks().filter(network -> !network.get()[0].toString().matches(".*(gru|last step|embedding).*"));
    }

    static Stream<Arguments> stacks() {
        return networks().filter(network -> ((NetworkSpec) network.get()[1]).isStack());
    }

    /** What is dropped follows from the seed, the step and the shard; sequences that have one length or another drop the same. */
    @Test
    void statesAreDroppedByTheSeedLaw() {
        NetworkSpec plain = classifier(rnn(), lstm(), gru(Direction.BOTH), softmax());
        NetworkSpec dropping = classifier(
                new Rnn(6, ActivationFunction.TANH, null, 0.3),
                new Lstm(5, 1, Lstm.Peepholes.OFF, null, 0.3),
                new Gru(5, Gru.Reset.AFTER, Direction.BOTH, 0.3),
                softmax());
        List<byte[]> examples = examples(plain.format(), 9, 3, false);
        StepId id = new StepId(4, 1, examples.size());
        Replica replica = new Replica(dropping, SEEDS);
        float[] first = replica.gradient(id, 2, examples).gradient();
        replica.gradient(new StepId(4, 1, examples.size()), 1, examples);
        assertThat(replica.gradient(id, 2, examples).gradient()).isEqualTo(first);
        assertThat(new Replica(dropping, SEEDS).gradient(id, 2, examples).gradient())
                .isEqualTo(first)
                .isNotEqualTo(replica.gradient(id, 1, examples).gradient())
                .isNotEqualTo(replica.gradient(new StepId(5, 1, examples.size()), 2, examples)
                        .gradient())
                .isNotEqualTo(gradient(plain, examples));
        Batch batch = new BatchReader(plain.format()).read(examples);
        assertThat(replica.model().predict(batch).losses())
                .isEqualTo(new Replica(plain, SEEDS).model().predict(batch).losses());
        System.setProperty(KERNELS, "off");
        assertThatThrownBy(() -> new Replica(dropping, SEEDS))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("recurrent-dropout is computed by Lockstep's layers alone; set LOCKSTEP_KERNELS=on");
    }

    /** DL4J's gradients are right where it has the layer; ours are these. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("stocksToo")
    void gradientsAreStockDl4js(String name, NetworkSpec spec) {
        List<byte[]> examples = examples(spec.format(), 9, 5, false);
        float[] ours = gradient(spec, examples);
        System.setProperty(KERNELS, "off");
        float[] stocks = gradient(spec, examples);
        for (int i = 0; i < ours.length; i++) {
            assertThat(ours[i]).as("parameter %d", i).isCloseTo(stocks[i], within(1e-4f));
        }
    }

    private static float[] gradient(NetworkSpec spec, List<byte[]> examples) {
        return new Replica(spec, SEEDS)
                .gradient(new StepId(0, 0, examples.size()), 0, examples)
                .gradient();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("stocksToo")
    void oneShardIsStockDl4j(String name, NetworkSpec spec) {
        System.setProperty(KERNELS, "off");
        equalsFit(spec, false);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("stacks")
    void oneShardIsDl4jWithOurLayers(String name, NetworkSpec spec) {
        equalsFit(spec, true);
    }

    private static void equalsFit(NetworkSpec spec, boolean ours) {
        Replica replica = new Replica(spec, SEEDS);
        replica.setOptimizerState(new float[replica.optimizerStateCount()]);
        MultiLayerNetwork stock = new MultiLayerNetwork(Networks.stack(spec, SEEDS.seed(Purpose.INITIAL_WEIGHTS)));
        stock.init();
        if (ours) {
            FastLayers.install(stock);
        }
        stock.getUpdater().getStateViewArray().assign(0);
        float[] before = replica.parameters();
        assertThat(before).isEqualTo(stock.params().data().asFloat());
        for (int step = 0; step < 6; step++) {
            List<byte[]> examples = examples(spec.format(), step == 3 ? 1 : 6, step, step == 2);
            StepId id = new StepId(step, 0, examples.size());
            replica.step(id, replica.gradient(id, 0, examples));
            Batch batch = new BatchReader(spec.format()).read(examples);
            int n = batch.examples();
            INDArray mask = array(batch.mask(), n, batch.steps());
            INDArray x = array(batch.features(), n, batch.input().size(), batch.steps());
            if (batch.everyStep()) {
                stock.fit(x, array(batch.labels(), n, CLASSES, batch.steps()), mask, mask);
            } else {
                stock.fit(x, array(batch.labels(), n, CLASSES), mask, null);
            }
            assertThat(replica.parameters())
                    .as("parameters after step %d", step)
                    .isEqualTo(stock.params().data().asFloat());
            assertThat(replica.optimizerState())
                    .isEqualTo(stock.getUpdater().getStateViewArray().data().asFloat());
        }
        assertThat(replica.parameters()).isNotEqualTo(before);
    }

    private static INDArray array(float[] values, long... shape) {
        int length = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        return Nd4j.createFromArray(Arrays.copyOf(values, length)).reshape(shape);
    }

    /** Stock DL4J restores it, and says the same. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("networks")
    void comesBackFromItsConfiguration(String name, NetworkSpec spec) {
        Network network = Networks.build(spec, 3);
        Network restored =
                Network.fromJson(Networks.stock(spec).configurationJson()).init();
        restored.parameters().assign(network.parameters());
        INDArray x = Nd4j.rand(5, spec.input().size(), 4);
        if (spec.input().size() == 1) {
            x.muli(5).assign(Transforms.floor(x));
        }
        assertThat(restored.output(x).dup('c').data().asFloat())
                .isEqualTo(network.output(x).dup('c').data().asFloat());
        assertThat(restored.tellsEveryStep()).isEqualTo(spec.target().everyStep());
    }

    @Test
    void tokensAreCountedWhereTheyAreAskedFor() {
        NetworkSpec of = spec(AverageOver.TOKENS, Objective.CLASSIFICATION, rnn(), softmax());
        NetworkSpec tokens = of.of(new ExampleFormat(Element.FLOAT, of.input(), of.target()));
        NetworkSpec whole = classifier(rnn(), softmax());
        List<byte[]> examples = examples(tokens.format(), 7, 1, false);
        int steps = examples.stream().mapToInt(tokens.format()::steps).sum();
        StepId id = new StepId(0, 0, examples.size());
        PartialSum overTokens = new Replica(tokens, SEEDS).gradient(id, 0, examples);
        PartialSum overExamples = new Replica(whole, SEEDS).gradient(id, 0, examples);
        assertThat(overTokens.gradient()).isEqualTo(overExamples.gradient());
        assertThat(overTokens.weight()).isEqualTo(steps);
        assertThat(overExamples.weight()).isEqualTo(7);
        assertThat(overTokens.tally().lossSum()).isCloseTo(overExamples.tally().lossSum(), within(1e-5));
        Replica replica = new Replica(tokens, SEEDS);
        replica.setOptimizerState(new float[replica.optimizerStateCount()]);
        StepMetrics metrics = replica.step(id, replica.gradient(id, 0, examples));
        assertThat(metrics.loss()).isCloseTo(overTokens.tally().lossSum() / steps, within(1e-9));
        double right = overTokens.tally().metrics()[1];
        assertThat(metrics.figures().get("accuracy")).isEqualTo(right / steps);
    }

    @Test
    void aShardOfOneStepIsComputed() {
        NetworkSpec spec = classifier(rnn(), softmax());
        byte[] example = spec.format().pack(new float[WIDTH], new float[] {1});
        PartialSum sum = new Replica(spec, SEEDS).gradient(new StepId(0, 0, 1), 0, List.of(example));
        assertThat(sum.tally().lossSum()).isCloseTo(Math.log(CLASSES), within(1e-5)); // of zeros: all are as likely
    }

    /** What leads in is read, and counts nothing: another output there would cost as much. */
    @Test
    void stepsThatLeadInCountNothing() {
        NetworkSpec whole = classifier(gru(Direction.FORWARD), softmax());
        NetworkSpec led = whole.of(whole.format().withLeadIn());
        List<byte[]> all = examples(whole.format(), 7, 2, false);
        List<byte[]> ledIn = new ArrayList<>();
        int told = 0;
        for (byte[] example : all) {
            int steps = whole.format().steps(example);
            float[] x = new float[steps * WIDTH];
            whole.format().readFeatures(example, x, 0);
            int lead = steps / 2;
            float[] classes = new float[steps - lead];
            for (int t = lead; t < steps; t++) {
                float[] oneHot = Arrays.copyOfRange(whole.format().target(example), t * CLASSES, (t + 1) * CLASSES);
                classes[t - lead] =
                        IntStream.range(0, CLASSES).filter(k -> oneHot[k] == 1).sum();
            }
            byte[] packed = led.format().pack(x, classes);
            assertThat(led.format().leadIn(packed)).isEqualTo(lead);
            ledIn.add(packed);
            told += steps - lead;
        }
        StepId id = new StepId(0, 0, 7);
        Replica replica = new Replica(led, SEEDS);
        PartialSum sum = replica.gradient(id, 0, ledIn);
        var answers = replica.model().predict(new BatchReader(led.format()).read(ledIn));
        var allAnswers = new Replica(whole, SEEDS).model().predict(new BatchReader(whole.format()).read(all));
        double loss = 0;
        for (int n = 0; n < 7; n++) {
            float[] output = answers.outputs()[n];
            float[] before = allAnswers.outputs()[n];
            assertThat(output).isEqualTo(Arrays.copyOfRange(before, before.length - output.length, before.length));
            float[] target = led.format().target(ledIn.get(n));
            for (int i = 0; i < output.length; i++) {
                loss -= target[i] * Math.log(output[i]);
            }
        }
        assertThat(sum.tally().lossSum()).isCloseTo(loss, within(1e-4));
        assertThat(Arrays.stream(answers.losses()).sum()).isCloseTo(loss, within(1e-4));
        assertThat(replica.metrics().figures(7, sum.tally().metrics()).get("accuracy") * told)
                .isCloseTo(right(answers.outputs(), led, ledIn), within(1e-6));
        float[] apart = new float[replica.parameterCount()];
        for (byte[] example : ledIn) {
            float[] one =
                    replica.gradient(new StepId(0, 0, 1), 0, List.of(example)).gradient();
            for (int i = 0; i < one.length; i++) {
                apart[i] += one[i];
            }
        }
        for (int i = 0; i < apart.length; i++) {
            assertThat(sum.gradient()[i]).isCloseTo(apart[i], within(2e-5f));
        }
    }

    private static double right(float[][] outputs, NetworkSpec spec, List<byte[]> examples) {
        double right = 0;
        for (int n = 0; n < outputs.length; n++) {
            float[] target = spec.format().target(examples.get(n));
            for (int from = 0; from < target.length; from += CLASSES) {
                int told = Largest.of(Arrays.copyOfRange(outputs[n], from, from + CLASSES));
                right += target[from + told];
            }
        }
        return right;
    }

    /** By layer, and of each example as many steps as it has: each row is what one step looked at. */
    @Test
    void whatAttentionLookedAtIsTold() {
        NetworkSpec spec = classifier(
                new Dense(6, ActivationFunction.IDENTITY),
                new Attention(2, Attention.Mask.CAUSAL),
                rnn(),
                new Attention(3, Attention.Mask.NONE),
                softmax());
        Dl4jModel model = (Dl4jModel) Dl4jModel.of(spec);
        model.setParameters(Networks.initialParameters(spec, 3));
        List<byte[]> examples = examples(spec.format(), 5, 8, false);
        var told = model.attentionWeights(new BatchReader(spec.format()).read(examples));
        assertThat(told.keySet()).containsExactly("1", "3");
        told.forEach((layer, weights) -> {
            assertThat(weights).hasSize(5);
            boolean causal = layer.equals("1");
            for (int n = 0; n < 5; n++) {
                int steps = spec.format().steps(examples.get(n));
                assertThat(weights.get(n)).hasDimensions(causal ? 2 : 3, steps);
                for (float[][] head : weights.get(n)) {
                    for (int t = 0; t < steps; t++) {
                        assertThat(head[t]).hasSize(steps);
                        double sum = 0;
                        for (int s = 0; s < steps; s++) {
                            sum += head[t][s];
                            assertThat(head[t][s] > 0).isEqualTo(!causal || s <= t);
                        }
                        assertThat(sum).isCloseTo(1, within(1e-6));
                    }
                }
            }
        });
        assertThat(examples.stream().map(spec.format()::steps).distinct()).hasSizeGreaterThan(1);
    }

    @Test
    void bitsOfEveryStepAreLabels() {
        Layer output = new Output(1, ActivationFunction.SIGMOID, LossFunction.SQUARED_ERROR);
        NetworkSpec of = spec(AverageOver.EXAMPLES, Objective.MULTI_LABEL, rnn(), output);
        NetworkSpec spec = of.of(new ExampleFormat(Element.FLOAT, of.input(), of.target()));
        List<byte[]> examples = examples(spec.format(), 5, 1, false);
        Replica replica = new Replica(spec, SEEDS);
        PartialSum sum = replica.gradient(new StepId(0, 0, 5), 0, examples);
        var prediction = replica.model().predict(new BatchReader(spec.format()).read(examples));
        double loss = 0;
        int bits = 0;
        int right = 0;
        int whole = 0;
        for (int n = 0; n < 5; n++) {
            float[] told = prediction.outputs()[n];
            float[] target = spec.format().target(examples.get(n));
            int ok = (int) IntStream.range(0, told.length)
                    .filter(i -> told[i] > 0.5f == target[i] > 0.5f)
                    .count();
            for (int i = 0; i < told.length; i++) {
                loss += Math.pow(told[i] - target[i], 2) / 2;
            }
            bits += told.length;
            right += ok;
            whole += ok == told.length ? 1 : 0;
        }
        assertThat(sum.tally().lossSum()).isCloseTo(loss, within(1e-5));
        var figures = replica.metrics().figures(5, sum.tally().metrics());
        assertThat(figures.get("exact_match")).isCloseTo((double) right / bits, within(1e-9));
        assertThat(figures.get("whole_sequences")).isCloseTo(whole / 5.0, within(1e-9));
    }
}
