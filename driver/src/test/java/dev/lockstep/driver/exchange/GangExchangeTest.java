package dev.lockstep.driver.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.driver.feed.Feed;
import dev.lockstep.driver.loop.LoopListener;
import dev.lockstep.driver.loop.Trainer;
import dev.lockstep.driver.source.Dataset;
import dev.lockstep.driver.source.FileExamples;
import dev.lockstep.driver.spark.LocalSpark;
import dev.lockstep.driver.state.Provenance;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.exchange.Audit;
import dev.lockstep.worker.exchange.Coordinator;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.failure.ModelException;
import dev.lockstep.worker.loop.Rounds;
import dev.lockstep.worker.loop.StepReport;
import dev.lockstep.worker.loop.StepsTaken;
import dev.lockstep.worker.loop.TrainingTask;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.plan.Subset;
import dev.lockstep.worker.plan.TrainingPlacement;
import dev.lockstep.worker.reduce.Span;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.source.Split;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Gangs in one JVM; those of several are in the integration tests. */
class GangExchangeTest {
    private static final Shape SHAPE = new Shape(1, 5, 5);
    private static final ExampleFormat FORMAT = ExampleFormat.bytes(SHAPE, 3);
    private static final int EXAMPLES = 331; // batches of 20, and one of 11
    private static final int STEPS = 51;
    private static final int SLOTS = 3;

    private static JavaSparkContext spark;

    /** Examples that any task makes for itself. */
    private record Drawn(long size) implements Split {
        @Override
        public ExampleFormat format() {
            return FORMAT;
        }

        @Override
        public Block read(long from, long to) {
            byte[] values = new byte[(int) (to - from) * SHAPE.size()];
            int[] labels = new int[(int) (to - from)];
            for (int i = 0; i < labels.length; i++) {
                Random random = new Random(from + i);
                byte[] pixels = new byte[SHAPE.size()];
                random.nextBytes(pixels);
                System.arraycopy(pixels, 0, values, i * pixels.length, pixels.length);
                labels[i] = random.nextInt(3);
            }
            return Block.of(FORMAT, from, labels, values);
        }
    }

    @BeforeAll
    static void start() {
        spark = LocalSpark.start(SLOTS);
    }

    @AfterAll
    static void stop() {
        spark.close();
    }

    /** Fewer shards than slots, uneven ones, and more than examples in the last batch. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 8, 16})
    void givesTheBitsOfOneTask(int shards) {
        Seen local = new Seen(Long.MAX_VALUE);
        Seen gang = new Seen(Long.MAX_VALUE);
        TrainingState expected = train(shards, "local", local);
        TrainingState actual = train(shards, "gang", gang);
        assertSame(actual, expected);
        assertThat(actual.step()).isEqualTo(STEPS);
        assertThat(gang.steps.stream().map(StepReport::metrics))
                .containsExactlyElementsOf(
                        local.steps.stream().map(StepReport::metrics).toList());
    }

    /** Bits that come out wrong, each once: all found, by whom, and nothing is left of them. */
    @Test
    void auditsFindWhatIsComputedWrongly() {
        Seen undisturbed = new Seen(Long.MAX_VALUE);
        TrainingState expected = train(8, "gang", undisturbed);
        List<Provenance.Fault> faults = new Random(3)
                .ints(0, STEPS)
                .distinct() // of two in one step, one is found
                .limit(4)
                .sorted()
                .mapToObj(step -> new Provenance.Fault(step, 5 * step % 8, "driver", "any"))
                .toList();
        System.setProperty(
                "lockstep.flip",
                faults.stream()
                        .map(fault -> "driver/" + fault.step() + "/" + fault.shard())
                        .collect(Collectors.joining(",")));
        Seen seen = new Seen(Long.MAX_VALUE);
        TrainingState actual;
        try {
            actual = train(8, "gang", seen, "train.audit = 1");
        } finally {
            System.clearProperty("lockstep.flip");
        }
        assertSame(actual, expected);
        assertThat(seen.steps.stream().map(StepReport::metrics))
                .containsExactlyElementsOf(
                        undisturbed.steps.stream().map(StepReport::metrics).toList());
        assertThat(actual.provenance().faults())
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("host")
                .containsExactlyElementsOf(faults);
        assertThat(expected.provenance().faults()).isEmpty();
    }

    /** In parameter averaging a shard's model is what is compared; with nothing wrong, nothing is found. */
    @ParameterizedTest
    @ValueSource(strings = {"train.sync-every = 3", "data.sampling = with-replacement"})
    void auditsChangeNothing(String setting) {
        TrainingState expected = train(5, "local", new Seen(Long.MAX_VALUE), setting);
        TrainingState actual = train(5, "gang", new Seen(Long.MAX_VALUE), setting, "train.audit = 0.5");
        assertSame(actual, expected);
        assertThat(actual.provenance().faults()).isEmpty();
    }

    private static final class Job extends CompletableFuture<List<StepsTaken>>
            implements JavaFutureAction<List<StepsTaken>> {
        @Override
        public List<Integer> jobIds() {
            return List.of();
        }
    }

    /** No event comes of a job that Spark forgot when it ended: the gang is given up at once, not after its patience. */
    @Test
    void aGangThatSparkForgotIsNotWaitedFor() {
        long[] minutes = {0}; // each look takes a quarter of an hour
        Job job = new Job();
        try (Coordinator coordinator = new Coordinator(1, List.of(new Span(0, 1)), null, 1000, Audit.NONE, 0);
                GangEvents events =
                        new GangEvents("7", () -> SLOTS, () -> TimeUnit.MINUTES.toNanos(minutes[0] += 15), () -> {})) {
            TrainingTask steps = new TrainingTask(null, null, null, null, 3, 9);
            GangWatch watch =
                    new GangWatch(coordinator, events, steps, Double.POSITIVE_INFINITY, () -> false, () -> true);
            assertThatThrownBy(() -> watch.follow(job, () -> 1, step -> {}))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("Spark ended under the gang for steps 3 to 8");
        }
        assertThat(job.isCancelled()).isTrue();
    }

    /** It ends at a step, with all of that step and nothing of a later one. */
    @Test
    void stopsWhenAskedAndGoesOnExactly() {
        Seen whole = new Seen(Long.MAX_VALUE);
        TrainingState expected = train(4, "gang", whole);
        Seen monitor = new Seen(5);
        try (Trainer trainer = trainer(4, "gang")) {
            TrainingState stopped = trainer.train(trainer.initialState(), monitor);
            assertThat(stopped.step()).isBetween(5L, STEPS - 1L).isEqualTo(monitor.steps.size());
            monitor.stopAt = Long.MAX_VALUE;
            assertSame(trainer.train(stopped, monitor), expected);
        }
        assertThat(monitor.steps.stream().map(step -> step.metrics().id().step()))
                .containsExactlyElementsOf(LongStream.range(0, STEPS).boxed().toList());
    }

    /** The test split is empty, so an evaluation that is due after each step is no reason to end a gang. */
    @Test
    void runsOnWhereThereIsNothingToEvaluate() throws Exception {
        // The first gang is short because its speed is not known; the second ends for the checkpoint.
        assertThat(gangs("train.evaluate-every = 1 steps"))
                .containsExactly("steps 0 to 31 (epoch 0)", "steps 32 to 39 (epoch 1)", "steps 40 to 50 (epoch 2)");
    }

    /** Nothing that is learnt of the cluster is the network's: a gang is short once, however often the rate is cut. */
    @Test
    void aPlateausCutForgetsNotThePace() throws Exception {
        assertThat(
                        gangs(
                                "train { epochs = 8, evaluate-every = 40 steps, checkpoint-every = 8 epochs }",
                                "data.validation-fraction = 0.1",
                                "optimizer.schedule { type = plateau, metric = validation-loss, patience = 1, min-delta = 1e9 }"))
                .containsExactly(
                        "steps 0 to 31 (epoch 0)",
                        "steps 32 to 39 (epoch 2)",
                        "steps 40 to 79 (epoch 2)",
                        "steps 80 to 119 (epoch 5)"); // after a cut
    }

    /** What the gangs of a run are told to do. */
    private static List<String> gangs(String... settings) throws TimeoutException {
        List<String> jobs = Collections.synchronizedList(new ArrayList<>());
        SparkListener listener = new SparkListener() {
            @Override
            public void onJobStart(SparkListenerJobStart start) {
                jobs.add(start.properties().getProperty("spark.job.description"));
            }
        };
        spark.sc().addSparkListener(listener);
        train(3, "gang", new Seen(Long.MAX_VALUE), settings);
        spark.sc().listenerBus().waitUntilEmpty(TimeUnit.SECONDS.toMillis(30));
        spark.sc().removeSparkListener(listener);
        String gang = "gang for ";
        return jobs.stream()
                .filter(job -> job.startsWith(gang))
                .map(job -> job.substring(gang.length()))
                .toList();
    }

    /** A trained model is a start like any other. */
    @Test
    void startsFromTheParametersOfAnotherModel() {
        try (Trainer trainer = trainer(3, "gang")) {
            TrainingState trained = trainer.train(trainer::initialState, 4, new Seen(Long.MAX_VALUE));
            TrainingState start = trainer.initialState(trained.parameters());
            assertThat(start.step()).isZero();
            assertThat(start.optimizer()).hasSameSizeAs(trained.optimizer()).containsOnly(0);
            Seen again = new Seen(Long.MAX_VALUE);
            TrainingState end = trainer.train(() -> start, 4, again);
            assertThat(again.steps).hasSize(4);
            assertThat(end.parameters()).isNotEqualTo(trained.parameters());
            assertThatThrownBy(() -> trainer.initialState(new float[7]))
                    .isInstanceOf(ModelException.class)
                    .hasMessage(
                            "there are 7 parameters to start from, but the network has " + start.parameters().length);
        }
    }

    @Test
    void saysWhatIsMissing() {
        assertThatThrownBy(() -> train(8, "gang", new Seen(Long.MAX_VALUE), "train.tasks = 5"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContainingAll("needs 5 slots", "there are 3", "train.tasks=3", "train.exchange=job");
    }

    /** As a large one does: there by many broadcasts, and back in the results of many tasks, none of them large. */
    @Test
    void aModelComesAndGoesInPieces() {
        try (Trainer trainer = trainer(3, "gang")) {
            TrainingState start = trainer.initialState();
            TrainingPlacement placement = new TrainingPlacement(trainer.plan(), Subset.all(EXAMPLES), 0, 4, SLOTS);
            List<TrainingState> ends = new ArrayList<>();
            AtomicInteger results = new AtomicInteger();
            SparkListener listener = new SparkListener() {
                @Override
                public void onTaskEnd(SparkListenerTaskEnd end) {
                    results.addAndGet(end.taskType().equals("ResultTask") ? 1 : 0);
                }
            };
            spark.sc().addSparkListener(listener);
            for (long bytesAPiece : new long[] {1 << 20, 100}) {
                ends.add(new GangExchange(spark, new SeedLaw(1), 0, bytesAPiece)
                        .run(
                                config(3, "gang").network(),
                                Segment.arrange(
                                        Feed.of(spark, new FileExamples(new Drawn(EXAMPLES)), 2),
                                        placement,
                                        new Rounds(1, STEPS)),
                                start,
                                4,
                                step -> {},
                                () -> false));
            }
            spark.sc().listenerBus().waitUntilEmpty(TimeUnit.SECONDS.toMillis(30));
            spark.sc().removeSparkListener(listener);
            assertSame(ends.get(1), ends.get(0));
            assertThat(ends.get(1).parameters())
                    .hasSameSizeAs(start.parameters())
                    .isNotEqualTo(start.parameters());
            int parts = 1 + start.optimizer().length * Float.BYTES / 100;
            assertThat(parts).isGreaterThan(5);
            assertThat(results).hasValue(1 + parts);
        } catch (TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    /** The failure of one task ends the others, and is told as what it is. */
    @Test
    void tellsAUsersErrorAsItself() {
        RunConfig config = config(3, "gang");
        Exchange gang = new GangExchange(spark, new SeedLaw(1), 0);
        try (Trainer trainer = trainer(3, "gang")) {
            TrainingPlacement placement = new TrainingPlacement(trainer.plan(), Subset.all(EXAMPLES), 0, STEPS, SLOTS);
            JavaRDD<PlacedExamples> bad = Feed.of(spark, new FileExamples(new Drawn(EXAMPLES)), 2)
                    .arrange(placement)
                    .map(GangExchangeTest::refusedByTheSecondTask);
            assertThatThrownBy(() -> gang.run(
                            config.network(),
                            new Segment(placement, new Rounds(1, STEPS), bad, false),
                            trainer.initialState(),
                            STEPS,
                            step -> {},
                            () -> false))
                    .isInstanceOf(DataException.class)
                    .hasMessage("record 17 is bad");
        }
    }

    private static PlacedExamples refusedByTheSecondTask(PlacedExamples examples) {
        if (TaskContext.getPartitionId() == 1) {
            throw new DataException("record 17 is bad");
        }
        return examples;
    }

    private static void assertSame(TrainingState actual, TrainingState expected) {
        assertThat(actual.parametersSha256()).isEqualTo(expected.parametersSha256());
        assertThat(actual.optimizerSha256()).isEqualTo(expected.optimizerSha256());
    }

    private static TrainingState train(int shards, String exchange, Seen seen, String... settings) {
        try (Trainer trainer = trainer(shards, exchange, settings)) {
            return trainer.train(trainer.initialState(), seen);
        }
    }

    private static Trainer trainer(int shards, String exchange, String... settings) {
        Dataset dataset = new Dataset(ExampleFormat.bytes(SHAPE, 3), new Drawn(EXAMPLES), new Drawn(0), "drawn");
        return new Trainer(spark, config(shards, exchange, settings), dataset);
    }

    private static RunConfig config(int shards, String exchange, String... settings) {
        return RunConfigParser.parse(ConfigFactory.parseString(
                """
                network { input = [1, 5, 5], classes = 3, layers = [
                  { type = convolution, filters = 3, kernel = 2, activation = relu }
                  { type = batch-norm }, { type = dropout }, { type = output }] }
                train { epochs = 3, batch-size = 20, evaluate-every = 3 epochs, checkpoint-every = 40 steps
                """ + "shards = " + shards + ", exchange = " + exchange + " }\n" + String.join("\n", settings)));
    }

    /** Keeps the steps it is told of, and asks to stop when there are so many. */
    private static final class Seen implements LoopListener {
        private final List<StepReport> steps = new ArrayList<>();
        private long stopAt;

        Seen(long stopAt) {
            this.stopAt = stopAt;
        }

        @Override
        public void stepDone(StepReport step) {
            steps.add(step);
        }

        @Override
        public boolean shouldStop(TrainingState state) {
            return steps.size() >= stopAt;
        }
    }
}
