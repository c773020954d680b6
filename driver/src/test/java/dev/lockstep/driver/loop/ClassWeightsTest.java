package dev.lockstep.driver.loop;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.driver.feed.Feed;
import dev.lockstep.driver.source.Dataset;
import dev.lockstep.driver.source.FileExamples;
import dev.lockstep.driver.source.IdxFiles;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.loop.StepReport;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.plan.Subset;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.source.Split;
import dev.lockstep.worker.step.StepMetrics;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Weights of classes and of examples on every shape: 40 examples, 35 of them learnt from, in batches of 9 and one of 8. */
class ClassWeightsTest {
    private static final double HELD_BACK = 0.125;
    private static final SeedLaw SEEDS = new SeedLaw(1);

    @TempDir
    private static Path temporary;

    @BeforeAll
    static void writeExamples() throws IOException {
        IdxFiles.writePlain(Files.createDirectories(temporary.resolve("data")));
    }

    /** The same examples, each with a weight that follows from its number. */
    private record Weighing(Split of) implements Split {
        static float weight(long number) {
            return 0.1f + number * 7 % 11;
        }

        @Override
        public long size() {
            return of.size();
        }

        @Override
        public ExampleFormat format() {
            return of.format().withWeights();
        }

        @Override
        public Block read(long from, long to) {
            Block plain = of.read(from, to);
            return Block.of(
                    from,
                    LongStream.range(from, to)
                            .mapToObj(number -> weighing(plain.packed(number), weight(number)))
                            .toList());
        }

        /** A weight is behind the class. */
        private static byte[] weighing(byte[] packed, float weight) {
            return ByteBuffer.allocate(packed.length + Float.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .put(packed, 0, Integer.BYTES)
                    .putFloat(weight)
                    .put(packed, Integer.BYTES, packed.length - Integer.BYTES)
                    .array();
        }
    }

    private static RunConfig config(String training) {
        return RunConfigParser.parse(
                ConfigFactory.parseString("""
                network { input = [1, 4, 3], classes = 5, layers = [
                  { type = dense, units = 6, activation = identity }, { type = batch-norm }
                  { type = activation, function = relu }, { type = dropout, ratio = 0.2 }, { type = output }] }
                train { epochs = 2, batch-size = 9, shards = 5, %s }
                data { path = "%s", train-limit = 40, validation-fraction = %s }""".formatted(training, temporary.resolve("data"), HELD_BACK)));
    }

    private static Dataset dataset(RunConfig config, boolean weighing) {
        Dataset plain = Dataset.open(
                config.data(), config.network().input(), config.network().target(), new Configuration());
        return weighing
                ? new Dataset(
                        plain.format().withWeights(),
                        new Weighing(((FileExamples) plain.train()).split()),
                        new Weighing(((FileExamples) plain.test()).split()),
                        "weighing")
                : plain;
    }

    /** A run's end, and what its steps showed. */
    private record Trained(float[] parameters, float[] optimizer, List<StepMetrics> steps) {}

    private static final class Seen implements LoopListener {
        private final List<StepMetrics> steps = new ArrayList<>();
        private final long stopAfter;

        Seen(long stopAfter) {
            this.stopAfter = stopAfter;
        }

        @Override
        public void stepDone(StepReport step) {
            steps.add(step.metrics());
        }

        @Override
        public boolean shouldStop(TrainingState state) {
            return state.step() >= stopAfter;
        }
    }

    private static Trained train(JavaSparkContext spark, String training, boolean weighing) {
        RunConfig config = config(training);
        Seen seen = new Seen(Long.MAX_VALUE);
        try (Trainer trainer = new Trainer(spark, config, dataset(config, weighing))) {
            TrainingState end = trainer.train(trainer.initialState(), seen);
            return new Trained(end.parameters(), end.optimizer(), seen.steps);
        }
    }

    /** @param replicated bytes; a larger split is shuffled */
    private static JavaSparkContext spark(String master, int replicated) {
        return new JavaSparkContext(new SparkConf()
                .setMaster(master)
                .setAppName("class weights test")
                .set("spark.ui.enabled", "false")
                .set("spark.lockstep.replicate", Integer.toString(replicated)));
    }

    private static <T> T with(JavaSparkContext spark, Supplier<T> work) {
        try (spark) {
            return work.get();
        }
    }

    @ParameterizedTest
    @CsvSource({"1, false", "1, true", "4, true"})
    void theBitsAreThoseOfOneTask(int syncEvery, boolean weighing) {
        String training = "class-weights = balanced, sync-every = " + syncEvery + ", exchange = ";
        JavaSparkContext one = spark("local[1]", 1 << 20);
        Trained expected = with(one, () -> train(one, training + "local", weighing));
        assertThat(expected.steps()).hasSize(8);
        JavaSparkContext three = spark("local[3]", 100); // and shuffled
        try (three) {
            for (String other : List.of("gang", "job, tasks = 2", "gang, tasks = 2", "job", "local")) {
                Trained actual = train(three, training + other, weighing);
                assertThat(actual.parameters()).as(other).isEqualTo(expected.parameters());
                assertThat(actual.optimizer()).as(other).isEqualTo(expected.optimizer());
                assertThat(actual.steps()).as(other).isEqualTo(expected.steps());
            }
            Trained plain = train(three, "sync-every = " + syncEvery + ", exchange = local", false);
            assertThat(plain.parameters()).isNotEqualTo(expected.parameters());
        }
    }

    /** n / (K n_c) over what is learnt from, each example as many as it weighs; and as a list they train the same. */
    @ParameterizedTest
    @CsvSource({"false", "true"})
    void balancedCountsTheTrainingExamples(boolean weighing) {
        double[] totals = new double[5];
        Subset training = Subset.training(SEEDS, 40, HELD_BACK);
        assertThat(training.size()).isEqualTo(35);
        LongStream.range(0, 35)
                .map(training::index)
                .forEach(number -> totals[(int) (number * 3 % 5)] += weighing ? Weighing.weight(number) : 1);
        double all = totals[0] + totals[1] + totals[2] + totals[3] + totals[4];
        List<Double> weights = new ArrayList<>();
        for (double total : totals) {
            weights.add(all / (5 * total));
        }
        assertThat(new HashSet<>(weights)).as("or nothing would be shown").hasSizeGreaterThan(1);
        JavaSparkContext spark = spark("local[3]", 100);
        try (spark) {
            RunConfig config = config("class-weights = balanced");
            Dataset dataset = dataset(config, weighing);
            try (Feed feed = Feed.of(spark, dataset.train(), 3)) {
                assertThat(BalancedClasses.weights(spark, feed, training, dataset.format()))
                        .usingElementComparator((a, b) -> Math.abs(a - b) < 1e-12 ? 0 : 1)
                        .isEqualTo(weights);
            }
            Trained balanced = train(spark, "class-weights = balanced, exchange = local", weighing);
            Trained listed = train(spark, "class-weights = " + weights + ", exchange = local", weighing);
            assertThat(balanced.parameters()).isEqualTo(listed.parameters());
        }
    }

    @Test
    void aClassWithoutExamplesWeighsOne() {
        assertThat(BalancedClasses.weights(new double[] {2, 0, 6})).containsExactly(8 / 6.0, 1.0, 8 / 18.0);
    }

    @Test
    void aRunThatIsStoppedGoesOnToTheSameBits() {
        JavaSparkContext spark = spark("local[2]", 1 << 20);
        try (spark) {
            RunConfig config = config("class-weights = balanced, exchange = job, evaluate-every = 3");
            Trained whole = train(spark, "class-weights = balanced, exchange = job, evaluate-every = 3", true);
            TrainingState rest;
            try (Trainer trainer = new Trainer(spark, config, dataset(config, true))) {
                rest = trainer.train(trainer::initialState, 3, new Seen(3));
            }
            assertThat(rest.step()).isEqualTo(3);
            try (Trainer trainer = new Trainer(spark, config, dataset(config, true))) {
                TrainingState end = trainer.train(rest, new Seen(Long.MAX_VALUE));
                assertThat(end.parameters()).isEqualTo(whole.parameters());
                assertThat(end.optimizer()).isEqualTo(whole.optimizer());
            }
        }
    }
}
