package dev.lockstep.worker.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.worker.data.BatchReader;
import dev.lockstep.worker.dl4j.Network;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.Batch;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.ExampleFormat.Element;
import dev.lockstep.worker.model.LossFunction;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.ParameterLayout.Block;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.WeightInit;
import dev.lockstep.worker.model.layer.Embedding;
import dev.lockstep.worker.model.layer.Output;
import dev.lockstep.worker.model.layer.Part;
import dev.lockstep.worker.model.layer.Rnn;
import dev.lockstep.worker.model.optimizer.Adam;
import dev.lockstep.worker.seed.SeedLaw;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** An output layer that has an embedding's rows for its weights. */
class TiedOutputTest {
    private static final SeedLaw SEEDS = new SeedLaw(3);
    private static final int TOKENS = 7;
    private static final int UNITS = 4;
    private static final StepId ID = new StepId(0, 0, 5);

    private static NetworkSpec spec(String tied) {
        List<Part> parts = List.of(
                new Embedding(TOKENS, UNITS),
                new Rnn(UNITS, ActivationFunction.TANH, null),
                new Output(TOKENS, ActivationFunction.SOFTMAX, LossFunction.CROSS_ENTROPY, null, 0, tied));
        NetworkSpec spec = new NetworkSpec(
                Shape.sequence(1), parts, new WeightInit.Gauss(0.5), new Adam(0.05, 0.9, 0.999, 1e-7), 0, 0);
        return spec.of(new ExampleFormat(Element.FLOAT, spec.input(), spec.target()));
    }

    /** Of 1 to 6 steps. */
    private static List<byte[]> examples(NetworkSpec spec) {
        Random random = new Random(9);
        List<byte[]> examples = new ArrayList<>();
        for (int n = 0; n < ID.examples(); n++) {
            float[] read = new float[1 + random.nextInt(6)];
            float[] told = new float[read.length];
            for (int t = 0; t < read.length; t++) {
                read[t] = random.nextInt(TOKENS);
                told[t] = random.nextInt(TOKENS);
            }
            examples.add(spec.format().pack(read, told));
        }
        return examples;
    }

    private static Block block(Replica replica, String node, String parameter) {
        return replica.model().layout().blocks().stream()
                .filter(block -> block.node().equals(node) && block.parameter().equals(parameter))
                .findFirst()
                .orElseThrow();
    }

    /** As of a network whose two arrays hold the same, and whose biases are 0. */
    @Test
    void theGradientIsTheSumOfBoth() {
        Replica tied = new Replica(spec("0"), SEEDS);
        Replica apart = new Replica(spec(null), SEEDS);
        assertThat(tied.parameterCount()).isEqualTo(apart.parameterCount() - TOKENS * UNITS - TOKENS);
        float[] p = tied.parameters();
        Block rows = block(tied, "0", "W");
        Block out = block(apart, "2", "W");
        float[] both = Arrays.copyOf(p, apart.parameterCount());
        Arrays.fill(both, p.length, both.length, 0f);
        System.arraycopy(p, rows.from(), both, out.from(), out.to() - out.from());
        apart.setParameters(both);
        var found = tied.gradient(ID, 0, examples(spec("0")));
        var expected = apart.gradient(ID, 0, examples(spec(null)));
        assertThat(found.tally().lossSum()).isEqualTo(expected.tally().lossSum());
        for (int i = 0; i < p.length; i++) {
            boolean shared = i >= rows.from() && i < rows.to();
            float sum = expected.gradient()[i] + (shared ? expected.gradient()[out.from() + i - rows.from()] : 0);
            assertThat(found.gradient()[i]).as("parameter %d", i).isEqualTo(sum);
        }
    }

    /** Of all parameters, by central differences; a loss of float32 has six digits. */
    @Test
    void theGradientIsTheSlope() {
        NetworkSpec spec = spec("0");
        Replica replica = new Replica(spec, SEEDS);
        Batch batch = new BatchReader(spec.format()).read(examples(spec));
        float[] p = replica.parameters();
        float[] gradient = replica.gradient(ID, 0, examples(spec)).gradient();
        for (int i = 0; i < p.length; i++) {
            float at = p[i];
            p[i] = at + 0.01f;
            replica.setParameters(p);
            double above =
                    Arrays.stream(replica.model().predict(batch).losses()).sum();
            p[i] = at - 0.01f;
            replica.setParameters(p);
            double below =
                    Arrays.stream(replica.model().predict(batch).losses()).sum();
            p[i] = at;
            assertThat((double) gradient[i]).as("parameter %d", i).isCloseTo((above - below) / 0.02, within(2e-3));
        }
    }

    @Test
    void oneArrayIsLearntAndRestored() {
        NetworkSpec spec = spec("0");
        Replica replica = new Replica(spec, SEEDS);
        replica.setOptimizerState(new float[replica.optimizerStateCount()]);
        double first = 0;
        double last = 0;
        for (int step = 0; step < 60; step++) {
            StepId id = new StepId(step, 0, ID.examples());
            last = replica.step(id, replica.gradient(id, 0, examples(spec))).loss();
            first = step == 0 ? last : first;
        }
        assertThat(last).isLessThan(first / 2);
        Network restored =
                Network.fromJson(Networks.stockConfigurationJson(spec)).init();
        restored.useFastLayers();
        restored.parameters().assign(Nd4j.createFromArray(replica.parameters()));
        Batch batch = new BatchReader(spec.format()).read(examples(spec).subList(0, 1));
        INDArray x = Nd4j.createFromArray(Arrays.copyOf(batch.features(), batch.steps()))
                .reshape(1, 1, batch.steps());
        float[] said = restored.output(x).permute(0, 2, 1).dup('c').data().asFloat();
        assertThat(said).isEqualTo(replica.model().predict(batch).outputs()[0]);
        assertThat(restored.tellsEveryStep()).isTrue();
        restored.close();
    }

    @Test
    void whatDoesNotFitIsNamed() {
        assertThatThrownBy(() -> spec("1").graph())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("is tied to '1'; expected the name of an embedding below it, of one token a step, with"
                        + " vocabulary = 7 and units = 4, as its input is timex4");
        Output output = new Output(TOKENS, ActivationFunction.SOFTMAX, LossFunction.CROSS_ENTROPY, null, 2, "0");
        assertThatThrownBy(() -> output.output(Shape.sequence(UNITS)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("is tied, so that it tells every step of a sequence, with neither negatives nor a"
                        + " weight-init; its input is timex4");
    }
}
