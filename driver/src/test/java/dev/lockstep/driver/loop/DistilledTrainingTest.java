package dev.lockstep.driver.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.driver.source.Dataset;
import dev.lockstep.driver.source.IdxFiles;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.evaluate.StoredModel;
import dev.lockstep.worker.loop.StepReport;
import dev.lockstep.worker.step.StepMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A student and its teacher over a cluster: 12 steps in 2 epochs, the last batch too short for every shard. */
class DistilledTrainingTest {
    private static final String TEACHER =
            "{ type = dense, units = 9, activation = relu }, { type = batch-norm }, { type = dropout, ratio = 0.5 }";
    private static final String STUDENT =
            "{ type = dense, units = 4, activation = tanh }, { type = dropout, ratio = 0.2 }";

    @TempDir
    private static Path temporary;

    private static JavaSparkContext spark;
    private static StoredModel teacher;

    @BeforeAll
    static void start() throws IOException {
        IdxFiles.writePlain(Files.createDirectories(temporary.resolve("data")));
        spark = new JavaSparkContext(new SparkConf()
                .setMaster("local[3]")
                .setAppName("distillation test")
                .set("spark.ui.enabled", "false"));
        RunConfig big = config(TEACHER, "");
        teacher = new StoredModel(
                Networks.stockConfigurationJson(big.network()), Networks.initialParameters(big.network(), 1));
    }

    @AfterAll
    static void stop() {
        spark.stop();
    }

    private static RunConfig config(String layers, String training) {
        return RunConfigParser.parse(
                ConfigFactory.parseString("""
                network { input = [1, 4, 3], classes = 5, layers = [ %s, { type = output }] }
                train { epochs = 2, batch-size = 9, shards = 8, checkpoint-every = 4, %s }
                data { path = "%s", augment = [{ type = horizontal-flip }, { type = mix-up }] }""".formatted(layers, training, temporary.resolve("data"))));
    }

    private static Trainer trainer(String training) {
        RunConfig config = config(STUDENT, training);
        Dataset dataset = Dataset.open(
                config.data(), config.network().input(), config.network().target(), new Configuration());
        return new Trainer(spark, config, dataset, training.contains("teacher =") ? teacher : null);
    }

    /** A run's end, and what its steps showed. */
    private record Trained(float[] parameters, float[] optimizer, List<StepMetrics> steps) {}

    private static Trained train(String training, long... rests) {
        List<StepMetrics> steps = new ArrayList<>();
        LoopListener listener = new LoopListener() {
            @Override
            public void stepDone(StepReport step) {
                steps.add(step.metrics());
            }
        };
        TrainingState state = null;
        for (long rest : rests) {
            state = trained(training, state, rest, listener);
        }
        state = trained(training, state, 12, listener);
        return new Trained(state.parameters(), state.optimizer(), steps);
    }

    private static TrainingState trained(String training, TrainingState from, long to, LoopListener listener) {
        try (Trainer trainer = trainer(training)) {
            TrainingState begin = from == null ? trainer.initialState() : from;
            return trainer.train(() -> begin, to, listener);
        }
    }

    private static void assertSame(String as, Trained actual, Trained expected) {
        assertThat(actual.parameters()).as(as).isEqualTo(expected.parameters());
        assertThat(actual.optimizer()).as(as).isEqualTo(expected.optimizer());
        assertThat(actual.steps()).as(as).isEqualTo(expected.steps());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void theBitsAreThoseOfOneTask(int syncEvery) {
        String training = "teacher = t, sync-every = " + syncEvery + ", exchange = ";
        Trained expected = train(training + "local");
        assertThat(expected.steps()).hasSize(12);
        for (String other : List.of("gang", "job, tasks = 2", "gang, tasks = 1")) {
            assertSame(other, train(training + other), expected);
        }
        assertSame("in parts", train(training + "gang", 4, 8), expected);
        assertThat(train("sync-every = " + syncEvery + ", exchange = local").parameters())
                .isNotEqualTo(expected.parameters());
    }

    @Test
    void howItTeachesMatters() {
        Trained usual = train("teacher = t, exchange = local");
        assertSame("as said", train("teacher = t, teacher-weight = 0.9, temperature = 4, exchange = local"), usual);
        for (String other : List.of("teacher-weight = 0.8", "temperature = 3")) {
            assertThat(train("teacher = t, exchange = local, " + other).parameters())
                    .as(other)
                    .isNotEqualTo(usual.parameters());
        }
    }

    @Test
    void aTeacherWithoutWeightChangesNoBit() {
        assertSame("weight 0", train("teacher = t, teacher-weight = 0, exchange = gang"), train("exchange = gang"));
    }

    @Test
    void aTeacherMustBeGivenWhereOneIsNamed() {
        RunConfig config = config(STUDENT, "teacher = t");
        assertThatThrownBy(() -> new Trainer(spark, config, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("but a teacher was not given");
    }
}
