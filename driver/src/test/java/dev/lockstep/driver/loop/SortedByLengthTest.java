package dev.lockstep.driver.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.driver.feed.Feed;
import dev.lockstep.driver.source.Dataset;
import dev.lockstep.driver.spark.LocalSpark;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.plan.BatchPlan;
import dev.lockstep.worker.plan.Subset;
import dev.lockstep.worker.seed.SeedLaw;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Batches of sequences that are about as long as each other. */
class SortedByLengthTest {
    private static JavaSparkContext spark;

    @BeforeAll
    static void start() {
        spark = LocalSpark.start(2);
    }

    @AfterAll
    static void stop() {
        spark.close();
    }

    private static RunConfig config(String... settings) {
        return RunConfigParser.parse(ConfigFactory.parseString("""
                data { format = generated, sampling = buckets, validation-fraction = 0.1
                  generated { rule = sequences, steps = 7, train = 90, test = 5 } }
                network { input = [time, 2], classes = 2, layers = [{ type = gru, units = 3 }, { type = last-step }, { type = output }] }
                train { epochs = 3, batch-size = 8, shards = 4, evaluate-every = 3 epochs, checkpoint-every = 4 steps }
                """ + String.join("\n", settings)));
    }

    private static Dataset dataset(RunConfig config) {
        return Dataset.open(
                config.data(), config.network().input(), config.network().target(), new Configuration());
    }

    @Test
    void batchesAreOfNeighbouringLengths() {
        RunConfig config = config();
        Dataset dataset = dataset(config);
        Subset training = Subset.training(new SeedLaw(config.seed()), 90, 0.1);
        try (Feed feed = Feed.of(spark, dataset.train(), 2)) {
            SortedByLength sorted = SortedByLength.of(spark, feed, training, dataset.format());
            List<byte[]> packed = dataset.train().firstPacked(90);
            int[] lengths = IntStream.range(0, 81)
                    .map(number -> dataset.format()
                            .steps(packed.get((int) sorted.examples().index(number))))
                    .toArray();
            assertThat(lengths).isSorted();
            List<Long> begins = new ArrayList<>(List.of(0L));
            IntStream.range(1, 81).filter(i -> lengths[i] > lengths[i - 1]).forEach(i -> begins.add((long) i));
            assertThat(sorted.buckets().begins()).isEqualTo(begins).hasSizeGreaterThan(3);
            BatchPlan plan = Trainer.plan(config, dataset).with(sorted.buckets());
            int padded = 0;
            for (long step = 0; step < plan.stepsPerEpoch(); step++) {
                long at = step;
                int[] batch = IntStream.range(0, plan.batchSize(step))
                        .map(position -> lengths[(int) plan.example(at, position)])
                        .toArray();
                int longest = IntStream.of(batch).max().orElseThrow();
                padded += IntStream.of(batch).map(length -> longest - length).sum();
            }
            assertThat(padded).as("steps of padding, of 81 sequences").isLessThan(40);
        }
    }

    private static TrainingState train(List<TrainingState> checkpoints, TrainingState from, String... settings) {
        RunConfig config = config(settings);
        try (Trainer trainer = new Trainer(spark, config, dataset(config))) {
            return trainer.train(from == null ? trainer.initialState() : from, new LoopListener() {
                @Override
                public void checkpoint(TrainingState state) {
                    checkpoints.add(state);
                }
            });
        }
    }

    @Test
    void whoeverComputesThemTheBitsAreTheSame() {
        List<TrainingState> checkpoints = new ArrayList<>();
        TrainingState expected = train(checkpoints, null, "train.exchange = local");
        assertThat(expected.step()).isEqualTo(33);
        for (String settings : List.of("gang", "job", "gang, tasks = 2")) {
            TrainingState actual = train(new ArrayList<>(), null, "train { exchange = " + settings + " }");
            assertThat(actual.parametersSha256()).as(settings).isEqualTo(expected.parametersSha256());
        }
        TrainingState resumed = train(new ArrayList<>(), checkpoints.get(0), "train.exchange = gang");
        assertThat(resumed.parametersSha256()).isEqualTo(expected.parametersSha256());
        TrainingState shuffled = train(new ArrayList<>(), null, "data.sampling = epoch");
        assertThat(shuffled.parametersSha256()).isNotEqualTo(expected.parametersSha256());
    }

    @Test
    void whatHasNoLengthsIsRefused() {
        assertThatThrownBy(() ->
                        config("data.generated.rule = linear, network { input = [4], layers = [{ type = output }] }"))
                .hasMessageContaining("data.sampling: is buckets, by the lengths of sequences, but network.input is no"
                        + " sequence");
        assertThatThrownBy(() -> config("data.bootstrap = true"))
                .hasMessageContaining("data.sampling: is buckets, of each example once, but data.bootstrap draws them");
    }
}
