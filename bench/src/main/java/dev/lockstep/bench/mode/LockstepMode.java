package dev.lockstep.bench.mode;

import dev.lockstep.driver.checkpoint.CheckpointStore;
import dev.lockstep.driver.checkpoint.Fingerprint;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.loop.LoopListener;
import dev.lockstep.driver.loop.Trainer;
import dev.lockstep.driver.run.MetricsLog;
import dev.lockstep.driver.run.ProgressLine;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.loop.StepReport;
import dev.lockstep.worker.model.objective.Objective;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongConsumer;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Training as users get it: data feed, shuffle, metrics log, progress line and checkpoints included. A window is a run of
 * whole epochs from the first state, so each window shuffles anew all that it trains on.
 */
public final class LockstepMode implements Mode {
    private final Workload workload;
    private final JavaSparkContext spark;
    private final String name;
    private final String exchange;
    private final List<String> settings;
    private final LongConsumer afterStep;
    private final Path folder;
    private final MetricsLog metrics;
    private final CheckpointStore checkpoints;
    private final TrainingState initial;
    private Trainer trainer;
    private String parametersOfLastWindow;

    /** @param exchange as the configuration names it, or null for the default one */
    public LockstepMode(Workload workload, JavaSparkContext spark, String exchange) throws IOException {
        this("lockstep", workload, spark, exchange, List.of(), step -> {});
    }

    /** With the gang, a share of the shards computed twice. */
    public static LockstepMode audited(Workload workload, JavaSparkContext spark, double audit) throws IOException {
        return new LockstepMode("audited", workload, spark, null, List.of("train.audit=" + audit), step -> {});
    }

    /**
     * With a checkpoint now and then, at which a gang ends.
     *
     * @param rest steps from one to the next
     * @param afterStep told the number of steps done in the window after each step
     */
    public static LockstepMode resting(
            Workload workload, JavaSparkContext spark, String exchange, int rest, LongConsumer afterStep)
            throws IOException {
        return new LockstepMode(
                "lockstep", workload, spark, exchange, List.of("train.checkpoint-every=" + rest + " steps"), afterStep);
    }

    private LockstepMode(
            String name,
            Workload workload,
            JavaSparkContext spark,
            String exchange,
            List<String> settings,
            LongConsumer afterStep)
            throws IOException {
        this.name = name;
        this.settings = settings;
        this.workload = workload;
        this.spark = spark;
        RunConfig config = workload.run(exchange, workload.plan().stepsPerEpoch(), settings);
        this.exchange = config.training().exchange().name().toLowerCase(Locale.ROOT);
        this.afterStep = afterStep;
        this.trainer = new Trainer(spark, config, workload.dataset());
        this.initial = trainer.initialState();
        this.folder = Files.createTempDirectory("lockstep-bench");
        RunFolder run = RunFolder.at(folder.toUri().toString(), spark.hadoopConfiguration());
        this.metrics = new MetricsLog(run, 0);
        this.checkpoints = new CheckpointStore(run.files(), run.path("checkpoints"), Fingerprint.of(Map.of()));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String exchange() {
        return exchange;
    }

    @Override
    public int tasks() {
        return trainer.tasks();
    }

    /** Whole epochs: a shorter run would pay for a shuffle more often than training does. */
    @Override
    public int windowSteps(int wanted) {
        int epoch = Math.toIntExact(workload.plan().stepsPerEpoch());
        return (wanted + epoch - 1) / epoch * epoch;
    }

    @Override
    public TimedSteps run(int steps) {
        if (trainer.totalSteps() != steps) {
            trainer = new Trainer(spark, workload.run(exchange, steps, settings), workload.dataset());
            parametersOfLastWindow = null;
        }
        Monitor monitor = new Monitor(steps);
        long started = System.nanoTime();
        TrainingState end = trainer.train(initial, monitor);
        double seconds = (System.nanoTime() - started) / 1e9;
        checkSameBits(end.parametersSha256());
        return new TimedSteps(steps, seconds, monitor.exchangeSeconds);
    }

    private void checkSameBits(String parameters) {
        if (parametersOfLastWindow != null && !parametersOfLastWindow.equals(parameters)) {
            throw new IllegalStateException("two windows trained the same and ended with different parameters: "
                    + parametersOfLastWindow + " and " + parameters);
        }
        parametersOfLastWindow = parameters;
    }

    @Override
    public void close() {
        try {
            metrics.close();
            // Our own temporary folder, through the file system that filled it.
            org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(folder.toUri());
            path.getFileSystem(spark.hadoopConfiguration()).delete(path, true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a run does as its steps go by. */
    private final class Monitor implements LoopListener {
        private final ProgressLine progress;
        private double exchangeSeconds;

        Monitor(long totalSteps) {
            PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
            progress = new ProgressLine(nowhere, true, Objective.CLASSIFICATION);
            progress.begins(totalSteps, workload.plan().stepsPerEpoch());
        }

        @Override
        public void stepDone(StepReport step) {
            exchangeSeconds += step.exchangeSeconds();
            progress.stepDone(step);
            try {
                metrics.step(step);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            afterStep.accept(step.metrics().id().step() + 1);
        }

        @Override
        public void checkpoint(TrainingState state) {
            try {
                metrics.flush();
                checkpoints.write(state, Map.of());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
