package dev.lockstep.driver.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.driver.evaluate.Scores;
import dev.lockstep.driver.evaluate.SplitName;
import dev.lockstep.driver.source.Dataset;
import dev.lockstep.driver.source.IdxFiles;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.failure.DivergenceException;
import dev.lockstep.worker.loop.StepReport;
import dev.lockstep.worker.step.StepMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Shards that take several steps by themselves: 12 steps in 2 epochs, the last batch too short for every shard. */
class ParameterAveragingTest {
    private static final long STEPS = 12;

    @TempDir
    private static Path temporary;

    private static JavaSparkContext spark;

    @BeforeAll
    static void start() throws IOException {
        IdxFiles.writePlain(Files.createDirectories(temporary.resolve("data")));
        spark = new JavaSparkContext(new SparkConf()
                .setMaster("local[4]")
                .setAppName("parameter averaging test")
                .set("spark.ui.enabled", "false"));
    }

    @AfterAll
    static void stop() {
        spark.stop();
    }

    private static final class Seen implements LoopListener {
        final List<StepMetrics> steps = new ArrayList<>();
        final List<Long> evaluated = new ArrayList<>();
        final List<Long> checkpoints = new ArrayList<>();
        long stopAfter = Long.MAX_VALUE;

        @Override
        public void stepDone(StepReport step) {
            steps.add(step.metrics());
        }

        @Override
        public void evaluated(SplitName split, TrainingState state, Scores scores) {
            evaluated.add(state.step());
        }

        @Override
        public void checkpoint(TrainingState state) {
            checkpoints.add(state.step());
        }

        @Override
        public boolean shouldStop(TrainingState state) {
            return steps.size() >= stopAfter;
        }
    }

    private static RunConfig config(String training, String... lines) {
        return RunConfigParser.parse(ConfigFactory.parseString(
                """
                network { input = [1, 4, 3], classes = 5, layers = [
                  { type = dense, units = 6, activation = identity }, { type = batch-norm }
                  { type = activation, function = relu }, { type = dropout, ratio = 0.2 }, { type = output }] }
                train { epochs = 2, batch-size = 9, shards = 8, checkpoint-every = 4, %s }
                data.path = "%s"
                %s""".formatted(training, temporary.resolve("data"), String.join("\n", lines))));
    }

    private static TrainingState train(RunConfig config, Seen seen) {
        Dataset dataset = Dataset.open(
                config.data(), config.network().input(), config.network().target(), new Configuration());
        try (Trainer trainer = new Trainer(spark, config, dataset)) {
            return trainer.train(trainer.initialState(), seen);
        }
    }

    @ParameterizedTest
    @CsvSource({"job, 1", "job, 3", "job, 4", "gang, 1", "gang, 2", "gang, 3", "gang, 4"})
    void theBitsAreThoseOfOneTask(String exchange, int tasks) {
        Seen reference = new Seen();
        TrainingState expected = train(config("sync-every = 5, exchange = local"), reference);
        Seen seen = new Seen();
        TrainingState actual = train(config("sync-every = 5, exchange = " + exchange + ", tasks = " + tasks), seen);
        assertThat(actual.step()).isEqualTo(STEPS);
        assertThat(actual.parameters()).isEqualTo(expected.parameters());
        assertThat(actual.optimizer()).isEqualTo(expected.optimizer());
        assertThat(seen.steps).isEqualTo(reference.steps);
    }

    @Test
    void evaluationAndCheckpointsWaitForTheAverage() {
        Seen seen = new Seen();
        TrainingState averaged = train(config("sync-every = 5, exchange = local"), seen);
        assertThat(seen.steps.stream().map(step -> step.id().step()))
                .containsExactlyElementsOf(LongStream.range(0, STEPS).boxed().toList());
        assertThat(seen.evaluated).as("due after 6 and 12 steps").containsExactly(10L, 12L);
        assertThat(seen.checkpoints).as("due after 4, 8 and 12").containsExactly(5L, 10L, 12L);
        TrainingState exact = train(config("exchange = local"), new Seen());
        assertThat(averaged.parameters()).isNotEqualTo(exact.parameters());
    }

    @ParameterizedTest
    @ValueSource(strings = {"job", "local"})
    void aRunThatIsStoppedGoesOnToTheSameBits(String exchange) {
        RunConfig config = config("sync-every = 5, exchange = " + exchange);
        TrainingState whole = train(config, new Seen());
        Seen stopped = new Seen();
        stopped.stopAfter = 1;
        TrainingState rest = train(config, stopped);
        assertThat(rest.step()).as("the end of the first round").isEqualTo(5);
        Dataset dataset = Dataset.open(
                config.data(), config.network().input(), config.network().target(), new Configuration());
        try (Trainer trainer = new Trainer(spark, config, dataset)) {
            assertThat(trainer.train(() -> rest, 6, new Seen()).step()).isEqualTo(10);
            TrainingState resumed = trainer.train(rest, new Seen());
            assertThat(resumed.parameters()).isEqualTo(whole.parameters());
            assertThat(resumed.optimizer()).isEqualTo(whole.optimizer());
        }
    }

    /** A shard alone takes the steps of plain training, whenever it is averaged with nobody. */
    @Test
    void oneShardAveragedIsOneShardTrained() {
        Seen plain = new Seen();
        Seen alone = new Seen();
        TrainingState expected = train(config("shards = 1, exchange = local"), plain);
        TrainingState actual = train(config("shards = 1, sync-every = 5, exchange = local"), alone);
        assertThat(actual.parameters()).isEqualTo(expected.parameters());
        assertThat(actual.optimizer()).isEqualTo(expected.optimizer());
        for (int i = 0; i < STEPS; i++) {
            StepMetrics one = plain.steps.get(i);
            StepMetrics other = alone.steps.get(i);
            assertThat(other.id()).isEqualTo(one.id());
            assertThat(other.loss()).isCloseTo(one.loss(), within(1e-6));
            assertThat(other.accuracy()).isCloseTo(one.accuracy(), within(1e-6));
            assertThat(other.gradientNorm()).isCloseTo(one.gradientNorm(), within(1e-6));
            assertThat(other.layerGradientNorms().keySet())
                    .isEqualTo(one.layerGradientNorms().keySet());
            one.layerGradientNorms()
                    .forEach((layer, norm) ->
                            assertThat(other.layerGradientNorms().get(layer)).isCloseTo(norm, within(1e-6)));
        }
    }

    @ParameterizedTest
    @CsvSource({"job", "local", "gang"})
    void divergenceIsTold(String exchange) {
        Seen seen = new Seen();
        RunConfig config =
                config("sync-every = 5, exchange = " + exchange, "optimizer { name = sgd, learning-rate = 1e38 }");
        assertThatThrownBy(() -> train(config, seen))
                .isInstanceOf(DivergenceException.class)
                .hasMessageMatching(
                        "training diverged at step \\d \\(epoch \\d\\): .* of a shard are not finite; the steps"
                                + " since the last synchronisation were not applied; try a smaller optimizer.learning-rate than"
                                + " 1.0E38");
        assertThat(seen.checkpoints).isEmpty();
    }
}
