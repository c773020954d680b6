package dev.lockstep.worker.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.worker.data.BatchReader;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.ExampleFormat.Element;
import dev.lockstep.worker.model.LossFunction;
import dev.lockstep.worker.model.Negatives;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.WeightInit;
import dev.lockstep.worker.model.layer.Embedding;
import dev.lockstep.worker.model.layer.MeanOverTime;
import dev.lockstep.worker.model.layer.Output;
import dev.lockstep.worker.model.optimizer.Sgd;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.seed.SeedLaw.Purpose;
import dev.lockstep.worker.seed.SplitMix64;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Word2vec's network and loss, written down a second time in double precision, with the words that the seed law draws. */
class NegativesTest {
    private static final String KERNELS = "lockstep.kernels";
    private static final SeedLaw SEEDS = new SeedLaw(11);
    private static final int WORDS = 6;
    private static final int UNITS = 3;
    private static final int DRAWN = 4;
    private static final List<Double> OCCURRENCES = List.of(0.0, 16.0, 81.0, 1.0, 256.0, 1.0);
    private static final double[] SHARES = {0, 8, 27, 1, 64, 1}; // to the power of 3/4

    /** Of each example the words that it reads, then the one that is to be told. */
    private static final int[][] EXAMPLES = {{1, 2, 4}, {4, 4}, {2, 1, 5, 3}, {3, 3, 3, 2}};

    private static final StepId ID = new StepId(5, 2, EXAMPLES.length);
    private static final int SHARD = 1;

    private static NetworkSpec spec(float weight) {
        NetworkSpec spec = new NetworkSpec(
                Shape.sequence(1),
                List.of(
                        new Embedding(WORDS, UNITS),
                        new MeanOverTime(),
                        new Output(WORDS, ActivationFunction.SOFTMAX, LossFunction.CROSS_ENTROPY, null, DRAWN, null)),
                new WeightInit.Gauss(0.7),
                new Sgd(0.1),
                0,
                0);
        NetworkSpec of = spec.of(new ExampleFormat(Element.FLOAT, spec.input(), spec.target()))
                .drawing(OCCURRENCES);
        return weight == 1 ? of : of.weighing(List.of(1.0, 1.0, (double) weight, 1.0, 1.0, 1.0));
    }

    private static List<byte[]> examples(NetworkSpec spec) {
        return IntStream.range(0, EXAMPLES.length)
                .mapToObj(n -> {
                    int[] words = EXAMPLES[n];
                    float[] read = new float[words.length - 1];
                    for (int t = 0; t < read.length; t++) {
                        read[t] = words[t];
                    }
                    return spec.format().pack(read, new float[] {words[read.length]});
                })
                .toList();
    }

    /** Word by word, until one is not the example's own. */
    private static int[][] drawn(long seed) {
        SplitMix64 random = new SplitMix64(seed);
        int[][] drawn = new int[EXAMPLES.length][DRAWN];
        for (int n = 0; n < drawn.length; n++) {
            int own = EXAMPLES[n][EXAMPLES[n].length - 1];
            for (int k = 0; k < DRAWN; k++) {
                do {
                    double rest = random.nextDouble() * 101;
                    int word = 0;
                    while (rest >= SHARES[word]) {
                        rest -= SHARES[word++];
                    }
                    drawn[n][k] = word;
                } while (drawn[n][k] == own);
            }
        }
        return drawn;
    }

    private static double loss(double[] p, int[][] drawn, float weight) {
        double loss = 0;
        for (int n = 0; n < EXAMPLES.length; n++) {
            int read = EXAMPLES[n].length - 1;
            double[] x = new double[UNITS];
            for (int t = 0; t < read; t++) {
                for (int i = 0; i < UNITS; i++) {
                    x[i] += p[EXAMPLES[n][t] * UNITS + i] / read;
                }
            }
            int own = EXAMPLES[n][read];
            double of = Math.log(1 + Math.exp(-product(p, own, x)));
            for (int other : drawn[n]) {
                of += Math.log(1 + Math.exp(product(p, other, x)));
            }
            loss += (own == 2 ? weight : 1) * of;
        }
        return loss;
    }

    private static double product(double[] p, int word, double[] x) {
        double sum = 0;
        for (int i = 0; i < UNITS; i++) {
            sum += p[(WORDS + word) * UNITS + i] * x[i];
        }
        return sum;
    }

    @AfterEach
    void kernelsAsTheyWere() {
        System.clearProperty(KERNELS);
    }

    @Test
    void lossAndGradientAreTheFormulas() {
        for (float weight : new float[] {1, 3}) {
            NetworkSpec spec = spec(weight);
            Replica replica = new Replica(spec, SEEDS);
            double[] p = new double[replica.parameterCount()];
            assertThat(p).as("no biases").hasSize(2 * WORDS * UNITS);
            float[] parameters = replica.parameters();
            for (int i = 0; i < p.length; i++) {
                p[i] = parameters[i];
            }
            PartialSum found = replica.gradient(ID, SHARD, examples(spec));
            int[][] drawn = drawn(SEEDS.seed(Purpose.NEGATIVES, 2, 5, SHARD));
            assertThat(found.tally().lossSum()).isCloseTo(loss(p, drawn, weight), within(1e-5));
            assertThat(found.tally().metrics()).as("no output is worked out").isEmpty();
            for (int i = 0; i < p.length; i++) {
                double at = p[i];
                p[i] = at + 1e-5;
                double above = loss(p, drawn, weight);
                p[i] = at - 1e-5;
                double below = loss(p, drawn, weight);
                p[i] = at;
                assertThat((double) found.gradient()[i])
                        .as("parameter %d", i)
                        .isCloseTo((above - below) / 2e-5, within(2e-6));
            }
        }
    }

    @Test
    void whoeverComputesAShardDrawsTheSame() {
        NetworkSpec spec = spec(1);
        Replica replica = new Replica(spec, SEEDS);
        float[] first = replica.gradient(ID, SHARD, examples(spec)).gradient();
        float[] ofAnother = replica.gradient(ID, 0, examples(spec)).gradient();
        assertThat(ofAnother).isNotEqualTo(first);
        assertThat(replica.gradient(ID, SHARD, examples(spec)).gradient()).isEqualTo(first);
        assertThat(new Replica(spec, SEEDS).gradient(ID, SHARD, examples(spec)).gradient())
                .isEqualTo(first);
    }

    @Test
    void sharesAreThreeQuartersPowers() {
        double[] sums = new Negatives(DRAWN, OCCURRENCES).sums(WORDS);
        assertThat(sums).containsExactly(0, 8, 35, 36, 100, 101);
        assertThat(new Negatives(1, List.of()).sums(3)).containsExactly(1, 2, 3);
    }

    /** In evaluation it is a dense layer with softmax, as stock DL4J has it. */
    @Test
    void answersAreOverAllWords() {
        NetworkSpec spec = spec(1);
        Replica replica = new Replica(spec, SEEDS);
        float[] p = replica.parameters();
        List<byte[]> examples = examples(spec);
        float[] said = replica.model()
                .predict(new BatchReader(spec.format()).read(examples))
                .outputs()[1];
        double[] logits = new double[WORDS];
        double sum = 0;
        for (int word = 0; word < WORDS; word++) {
            for (int i = 0; i < UNITS; i++) {
                logits[word] += (double) p[4 * UNITS + i] * p[(WORDS + word) * UNITS + i];
            }
            sum += Math.exp(logits[word]);
        }
        for (int word = 0; word < WORDS; word++) {
            assertThat((double) said[word]).isCloseTo(Math.exp(logits[word]) / sum, within(1e-6));
        }
    }

    @Test
    void whatCannotBeIsRefused() {
        Output output = new Output(WORDS, ActivationFunction.SOFTMAX, LossFunction.CROSS_ENTROPY, null, 2, null);
        assertThatThrownBy(() -> output.output(Shape.sequence(3)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("negatives are for one class of an example, its input is timex3; put mean-over-time"
                        + " before it");
        System.setProperty(KERNELS, "off");
        assertThatThrownBy(() -> new Replica(spec(1), SEEDS))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("negatives are computed by Lockstep's layers alone; set LOCKSTEP_KERNELS=on");
    }
}
