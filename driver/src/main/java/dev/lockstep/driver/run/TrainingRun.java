package dev.lockstep.driver.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.lockstep.driver.checkpoint.CheckpointStore;
import dev.lockstep.driver.checkpoint.Fingerprint;
import dev.lockstep.driver.config.Hocon;
import dev.lockstep.driver.config.RenamedKeys;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.evaluate.Scores;
import dev.lockstep.driver.source.Dataset;
import dev.lockstep.driver.state.Provenance;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.driver.train.Trainer;
import dev.lockstep.driver.train.TrainingMonitor;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.dl4j.Updaters;
import dev.lockstep.worker.failure.DivergenceException;
import dev.lockstep.worker.failure.ModelException;
import dev.lockstep.worker.loop.StepReport;
import dev.lockstep.worker.model.NetworkSize;
import dev.lockstep.worker.model.optimizer.Optimizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run with its folder: trains, and leaves behind what CONTRACT names: checkpoints, metrics, the model, the report.
 * Whatever ends it, {@code run.json} says how.
 */
public final class TrainingRun {
    private static final Logger LOG = LoggerFactory.getLogger(TrainingRun.class);
    private static final int SAMPLED_ANSWERS = 500;

    private final RunConfig config;
    private final Dataset dataset;
    private final RunFolder folder;
    private final FolderLock lock;
    private final RunRecord record;
    private final double secondsBefore;
    private final Map<String, String> identity;
    private final List<String> warnings = new ArrayList<>();

    /** How a run ended. */
    public record Outcome(RunRecord.Status status, TrainingState state, Scores test) {}

    /** Where a run's lines go and whether it is to stop: what the surroundings give it. */
    public interface Surroundings {
        /** Opens the progress display. */
        Progress progress(long totalSteps, long stepsPerEpoch);

        boolean stopRequested();

        /** Whether steps may go on with other kernels, or on another kind of processor, than those so far. */
        default boolean otherKernels() {
            return false;
        }

        /** How many steps shall be done when the run rests, to be resumed or never; the whole run unless said otherwise. */
        default long restAt(long totalSteps, long stepsPerEpoch) {
            return totalSteps;
        }
    }

    /** Some work that ends as a run ends. */
    public interface Work {
        Outcome run() throws IOException;
    }

    /**
     * Prepares a run and writes the first {@code run.json}.
     *
     * @param command what the user typed
     * @param version of Lockstep
     * @throws ModelException when the folder holds another or a longer run; it is left as it was
     * @throws dev.lockstep.worker.failure.ConfigurationException when another process writes the folder
     */
    public TrainingRun(RunConfig config, Dataset dataset, RunFolder folder, String command, String version)
            throws IOException {
        this.config = config;
        this.dataset = dataset;
        this.folder = folder;
        folder.create();
        this.lock = FolderLock.take(folder);
        try {
            this.identity = new TreeMap<>();
            this.record = new RunRecord(folder);
            this.secondsBefore = begin(command, version);
        } catch (IOException | RuntimeException | Error e) {
            lock.close();
            throw e;
        }
    }

    /** @return how long the run took so far, in seconds */
    private double begin(String command, String version) throws IOException {
        CheckpointStore checkpoints = checkpoints();
        checkpoints.deleteUnfinished();
        refuseOtherRuns(); // before anything of theirs is overwritten
        JsonNode before = earlier();
        Map<String, String> saved = checkpoints.run();
        identity.put(
                "run_id",
                before.path("run_id")
                        .asText(saved.getOrDefault("run_id", UUID.randomUUID().toString())));
        identity.put(
                "started",
                before.path("started")
                        .asText(saved.getOrDefault("started", Instant.now().toString())));
        record.put("version", version)
                .put("run_id", identity.get("run_id"))
                .put("name", config.name())
                .put("command", command)
                .put("seed", config.seed())
                .put("started", identity.get("started"))
                .put("shards", config.training().shards())
                .put("batch_size", config.training().batchSize());
        folder.write("config.resolved.conf", Hocon.text(config.resolved()));
        record.write(RunRecord.Status.RUNNING, null); // last: where it is, all that --resume needs is
        return before.path("seconds").asDouble();
    }

    /**
     * The record of the run that is resumed; nothing when there is none, or when it is damaged: the checkpoints say enough
     * to write it anew.
     */
    private JsonNode earlier() throws IOException {
        try {
            MetricsLog.read(folder); // first: when these are damaged, everything stays as it is
        } catch (JsonProcessingException e) {
            throw new ModelException(
                    folder.path(MetricsLog.FILE) + " is damaged: " + StoredJson.reason(e)
                            + "; delete it, then resume: its lines are lost, the training is not",
                    e);
        }
        try {
            JsonNode before = RunRecord.read(folder);
            if (before == null || before.isObject()) {
                return before == null ? MissingNode.getInstance() : before;
            }
        } catch (JsonProcessingException | ModelException e) {
            LOG.debug("{} cannot be read", RunRecord.FILE, e);
        }
        warnings.add(folder.path(RunRecord.FILE) + " is damaged; it is written anew, from the checkpoints");
        return MissingNode.getInstance();
    }

    private void refuseOtherRuns() throws IOException {
        long end = Trainer.rounds(config, dataset).totalSteps();
        checkpoints()
                .newest(this::obstacle, ignored -> {})
                .filter(newest -> newest.step() > end)
                .ifPresent(newest -> {
                    throw new ModelException("the newest checkpoint is at step " + newest.step()
                            + ", behind the run's end at step " + end
                            + "; give more train.epochs or train.iterations");
                });
    }

    /** Why this run cannot go on from a state of it; null when it can. */
    private String obstacle(TrainingState state) {
        if (!Trainer.rounds(config, dataset).isEnd(state.step())) {
            return "is inside a round of train.sync-every = "
                    + config.training().syncEvery() + " steps";
        }
        TrainingState best = state.memory().best();
        NetworkSize size = Networks.size(config.network());
        for (TrainingState each : best == null ? List.of(state) : List.of(state, best)) {
            NetworkSize held = new NetworkSize(each.parameters().length, each.optimizer().length);
            if (!held.equals(size)) {
                return "holds " + held.parameters() + " parameters and " + held.optimizerValues()
                        + " values of optimizer state, but the network has " + size.parameters() + " and "
                        + size.optimizerValues();
            }
        }
        return null;
    }

    /**
     * Refuses a folder with checkpoints of another run; one with none, or with damaged ones, is not.
     *
     * @throws ModelException that names the first differing key
     */
    public static void refuseOther(RunConfig config, Dataset dataset, RunFolder folder) throws IOException {
        checkpoints(config, dataset, folder).refuseOther();
    }

    private CheckpointStore checkpoints() {
        return checkpoints(config, dataset, folder);
    }

    private static CheckpointStore checkpoints(RunConfig config, Dataset dataset, RunFolder folder) {
        return new CheckpointStore(folder.files(), folder.path("checkpoints"), fingerprint(config, dataset));
    }

    static Fingerprint fingerprint(RunConfig config, Dataset dataset) {
        Map<String, String> values = config.written().values();
        values.put("examples (SHA-256)", dataset.fingerprint());
        return new Fingerprint(
                values, config.written().usual(), config.written().free(), RenamedKeys.OURS.now());
    }

    /**
     * Trains to the end, from the newest checkpoint if there is one.
     *
     * @throws DivergenceException when the loss or gradient is not finite; the last checkpoint is kept
     */
    public Outcome train(JavaSparkContext spark, Surroundings surroundings) throws IOException {
        CheckpointStore checkpoints = checkpoints();
        try (Trainer trainer = new Trainer(spark, config, dataset)) {
            return train(trainer, checkpoints, spark, surroundings);
        }
    }

    private Outcome train(
            Trainer trainer, CheckpointStore checkpoints, JavaSparkContext spark, Surroundings surroundings)
            throws IOException {
        long stepsPerEpoch = trainer.plan().stepsPerEpoch();
        Progress progress = surroundings.progress(trainer.totalSteps(), stepsPerEpoch);
        long rest = Math.min(trainer.totalSteps(), surroundings.restAt(trainer.totalSteps(), stepsPerEpoch));
        Optional<TrainingState> saved = checkpoints.newest(this::obstacle, warnings::add);
        for (String warning : warnings) {
            LOG.warn(warning);
            progress.message("warning: " + warning);
        }
        for (String note : config.written().notes()) {
            LOG.info(note);
            progress.message("note: " + note);
        }
        TrainingState start = saved.orElseGet(trainer::initialState);
        if (saved.isEmpty()) {
            checkpoints.write(start, identity); // so that a run can be resumed from its first moment
        } else {
            progress.message("resuming after step " + start.step());
            start = surroundings.otherKernels() ? start.opened() : start;
            checkpoints.deleteAfter(start.step());
        }
        record.put("spark_master", spark.master())
                .put("spark_application_id", spark.sc().applicationId())
                .put("tasks", trainer.tasks())
                .put("parameters", start.parameters().length)
                .write(RunRecord.Status.RUNNING, null);
        LOG.info(
                "steps {} to {} on {}, {} shards over {} tasks",
                start.step(),
                trainer.totalSteps(),
                spark.master(),
                config.training().shards(),
                trainer.tasks());
        try (MetricsLog metrics = new MetricsLog(folder, start.step())) {
            Monitor monitor =
                    new Monitor(trainer, checkpoints, metrics, progress, surroundings::stopRequested, start.step());
            TrainingState end = train(trainer, start, rest, monitor);
            put(end.provenance());
            if (!trainer.isFinished(end)) {
                lock.require();
                checkpoints.write(end, identity);
                return new Outcome(RunRecord.Status.INTERRUPTED, end, monitor.testScores);
            }
            if (monitor.stepOfScores != end.step()) { // resumed at its very end
                trainer.evaluate(end, monitor);
            }
            TrainingState kept = trainer.kept(end);
            Scores test = kept == end ? monitor.testScores : trainer.testScores(kept);
            trainer.earlyStopping(end).ifPresent(text -> {
                LOG.info(text);
                progress.message(text);
            });
            finish(trainer, kept, test);
            lock.require(); // "finished" is said of what is there
            return new Outcome(RunRecord.Status.FINISHED, kept, test);
        }
    }

    /** Trains, and puts down how far it came, whatever ends it. */
    private TrainingState train(Trainer trainer, TrainingState start, long rest, Monitor monitor) {
        long began = System.nanoTime();
        try {
            return trainer.train(start, rest, monitor);
        } finally {
            double seconds = (System.nanoTime() - began) / 1e9;
            record.put("steps", monitor.stepsDone)
                    .put("epochs", (double) monitor.stepsDone / trainer.plan().stepsPerEpoch())
                    .put("training_seconds", seconds)
                    .put("examples_per_second", monitor.examples / seconds);
        }
    }

    private void put(Provenance provenance) {
        record.put("arithmetic", provenance.arithmetic());
        if (!provenance.before().isEmpty()) {
            record.put(
                    "arithmetic_before",
                    provenance.before().stream()
                            .map(stretch -> Map.of("arithmetic", stretch.arithmetic(), "to_step", stretch.toStep()))
                            .toList());
        }
    }

    private void finish(Trainer trainer, TrainingState end, Scores test) throws IOException {
        lock.require();
        folder.write(ModelFile.NAME, out -> ModelFile.write(config.network(), end, out));
        if (test != null) {
            EvaluationFile.write(
                    folder, end.step(), test, trainer.samplePredictions(end, SAMPLED_ANSWERS), dataset.shape());
        }
        Optimizer optimizer = config.network().optimizer();
        record.put("model_step", end.step())
                .put("test_accuracy", test == null ? null : test.accuracy())
                .put("test_loss", test == null ? null : test.loss())
                .put("parameters_sha256", end.parametersSha256())
                .put("optimizer_sha256", end.optimizerSha256())
                .put("model_needs_lockstep", ModelFile.needsLockstep(config.network()))
                .put("model_optimizer", Updaters.stockName(optimizer))
                .put("model_optimizer_exact", config.schedule().isConstant() && Updaters.isStock(optimizer));
    }

    /** Does the work of this run, {@link #train} above all, and has {@code run.json} say how it ended, whatever ended it. */
    public Outcome recorded(Work work) throws IOException {
        long began = System.nanoTime();
        RunRecord.Status status = RunRecord.Status.FAILED;
        int exitCode = ExitCode.FAULT;
        String message = null;
        try {
            Outcome outcome = work.run();
            status = outcome.status();
            exitCode = status == RunRecord.Status.INTERRUPTED ? ExitCode.INTERRUPTED : ExitCode.DONE;
            return outcome;
        } catch (IOException | RuntimeException | Error e) {
            exitCode = ExitCode.of(e);
            message = config.redacted(ExitCode.message(e));
            status = exitCode == ExitCode.DIVERGED ? RunRecord.Status.DIVERGED : RunRecord.Status.FAILED;
            throw e;
        } finally {
            record.put("seconds", secondsBefore + (System.nanoTime() - began) / 1e9);
            end(status, exitCode, message);
            lock.close();
        }
    }

    /** A failure to write is logged, never thrown: it must not hide how the run itself ended. */
    private void end(RunRecord.Status status, int exitCode, String message) {
        if (!lock.isHeld()) {
            return; // the folder is gone, which the run's own failure says
        }
        try {
            lock.require();
            record.put("finished", Instant.now().toString());
            if (message != null) {
                record.put("error", message);
            }
            record.write(status, exitCode);
        } catch (IOException | RuntimeException e) {
            LOG.error("cannot write the end of the run to {}: {}", folder.path(), e.toString());
        }
    }

    private final class Monitor implements TrainingMonitor {
        private final Trainer trainer;
        private final CheckpointStore checkpoints;
        private final MetricsLog metrics;
        private final Progress progress;
        private final BooleanSupplier stop;
        private final long firstStep;
        private Scores testScores;
        private long stepOfScores = -1;
        private long stepsDone;
        private long examples;

        Monitor(
                Trainer trainer,
                CheckpointStore checkpoints,
                MetricsLog metrics,
                Progress progress,
                BooleanSupplier stop,
                long firstStep) {
            this.trainer = trainer;
            this.checkpoints = checkpoints;
            this.metrics = metrics;
            this.progress = progress;
            this.stop = stop;
            this.firstStep = firstStep;
            this.stepsDone = firstStep;
        }

        @Override
        public void stepDone(StepReport step) {
            examples += step.metrics().id().examples();
            stepsDone = step.metrics().id().step() + 1;
            progress.step(step);
            unchecked(() -> {
                metrics.step(step);
                if (!lock.isHeld()) {
                    lock.require();
                }
            });
        }

        @Override
        public void evaluated(SplitName split, TrainingState state, Scores scores) {
            if (split == SplitName.TEST) {
                testScores = scores;
            }
            stepOfScores = state.step();
            progress.evaluation(split, state.step(), scores);
            LOG.info("step {}: {} loss {}, accuracy {}", state.step(), split, scores.loss(), scores.accuracy());
            if (state.step() > firstStep) { // a finished run that is resumed has this line already
                int epoch = trainer.plan().epoch(state.step() - 1);
                unchecked(() -> metrics.evaluation(split, epoch, state.step(), scores));
            }
        }

        @Override
        public void checkpoint(TrainingState state) {
            unchecked(() -> {
                lock.require();
                metrics.flush();
                checkpoints.write(state, identity);
                put(state.provenance());
                LOG.info("checkpoint at step {}", state.step());
            });
        }

        @Override
        public boolean stopRequested() {
            return stop.getAsBoolean();
        }

        private interface Writing {
            void run() throws IOException;
        }

        private void unchecked(Writing writing) {
            try {
                writing.run();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
