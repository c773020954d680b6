package dev.lockstep.driver.run;

import dev.lockstep.driver.checkpoint.CheckpointStore;
import dev.lockstep.driver.config.Every;
import dev.lockstep.driver.config.Hocon;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.evaluate.Scores;
import dev.lockstep.driver.evaluate.SplitName;
import dev.lockstep.driver.loop.LoopListener;
import dev.lockstep.driver.loop.Trainer;
import dev.lockstep.driver.source.ClassNames;
import dev.lockstep.driver.source.Dataset;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.failure.DivergenceException;
import dev.lockstep.worker.failure.ModelException;
import dev.lockstep.worker.loop.StepReport;
import dev.lockstep.worker.table.Count;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run with its folder: trains, and leaves behind what docs/operate.md names: checkpoints, metrics, the model, the report.
 * Whatever ends it, {@code run.json} says how.
 */
public final class TrainingRun {
    /** What was left out of a table. */
    private static final String SKIPPED = "skipped-rows.txt";

    private static final Logger LOG = LoggerFactory.getLogger(TrainingRun.class);

    private final RunConfig config;
    private final Dataset dataset;
    private final RunFolder folder;
    private final FolderLock lock;
    private final Resumption resumption;
    private final double secondsBefore;
    private final List<String> classNames;
    private final Map<String, String> identity;
    private final List<String> warnings = new ArrayList<>();
    private RunRecord record;

    /** How a run ended. */
    public record Outcome(RunRecord.Status status, TrainingState state, Scores test) {}

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
        this.resumption = new Resumption(config, dataset, folder);
        this.classNames = ClassNames.of(
                config.data(),
                dataset.fitted(),
                config.network().classes(),
                folder.files().getConf());
        folder.create();
        this.lock = FolderLock.take(folder);
        try {
            this.identity = new TreeMap<>();
            this.secondsBefore = begin(command, version);
        } catch (IOException | RuntimeException | Error e) {
            lock.close();
            throw e;
        }
    }

    /** @return how long the run took so far, in seconds */
    private double begin(String command, String version) throws IOException {
        resumption.checkpoints().deleteUnfinished();
        resumption.refuseLonger(); // before anything of theirs is overwritten
        Optional<RunRecord> before = resumption.record(warnings::add);
        Map<String, String> saved = resumption.checkpoints().run();
        String id = before.map(run -> run.identity().runId())
                .orElseGet(() -> saved.getOrDefault("run_id", UUID.randomUUID().toString()));
        String started = before.map(run -> run.identity().started())
                .orElseGet(() -> saved.getOrDefault("started", Instant.now().toString()));
        identity.put("run_id", id);
        identity.put("started", started);
        record = RunRecord.of(new RunRecord.Identity(
                version,
                id,
                config.name(),
                command,
                config.seed(),
                started,
                config.training().shards(),
                config.training().batchSize(),
                resumption.startSha256(),
                resumption.teacherSha256()));
        folder.write("config.resolved.conf", Hocon.text(config.resolved()));
        record.write(folder); // last: where it is, all that --resume needs is
        return before.map(run -> run.ending().seconds()).orElse(0.0);
    }

    /**
     * Refuses a folder with checkpoints of another run; one with none, or with damaged ones, is not.
     *
     * @throws ModelException that names the first differing key
     */
    public static void refuseOther(RunConfig config, Dataset dataset, RunFolder folder) throws IOException {
        Resumption.refuseOther(config, dataset, folder);
    }

    /**
     * Trains to the end, from the newest checkpoint if there is one.
     *
     * @param listener told of the run, and asked whether it is to stop
     * @param budget how much shall be done when the run rests, to be resumed or never; null for all of it
     * @param otherKernels whether steps may go on with other kernels, or on another kind of processor, than those so far
     * @throws DivergenceException when the loss or gradient is not finite; the last checkpoint is kept
     */
    public Outcome train(JavaSparkContext spark, LoopListener listener, Every budget, boolean otherKernels)
            throws IOException {
        CheckpointStore checkpoints = resumption.checkpoints();
        try (Trainer trainer = new Trainer(spark, config, dataset, resumption.takeTeacher())) {
            listener.begins(trainer.totalSteps(), trainer.plan().stepsPerEpoch());
            AtomicReference<TrainingState> start =
                    new AtomicReference<>(start(trainer, checkpoints, listener, otherKernels));
            long rest = budget == null ? trainer.totalSteps() : Trainer.restingStep(config, dataset, budget);
            return train(trainer, checkpoints, spark, start, rest, listener);
        }
    }

    /** Rows that are left out change what is learnt: nobody shall find out by chance. */
    private void tellSkipped(LoopListener listener) throws IOException {
        Count.Bad skipped = dataset.skipped();
        if (skipped.rows() == 0) {
            return;
        }
        String all = String.join("\n", skipped.first());
        folder.write(
                SKIPPED,
                out -> out.write((skipped.rows() + " rows left out\n" + all + "\n").getBytes(StandardCharsets.UTF_8)));
        String note = skipped.note().orElseThrow() + "; see " + SKIPPED;
        LOG.warn(note);
        listener.message("note: " + note);
    }

    private TrainingState start(
            Trainer trainer, CheckpointStore checkpoints, LoopListener listener, boolean otherKernels)
            throws IOException {
        StartingPoint given = resumption.takeStart(); // or it would lie beside a checkpoint's state for good
        Optional<TrainingState> saved = resumption.newest(warnings::add);
        for (String warning : warnings) {
            LOG.warn(warning);
            listener.message("warning: " + warning);
        }
        tellSkipped(listener);
        for (String note : config.written().notes()) {
            LOG.info(note);
            listener.message("note: " + note);
        }
        if (saved.isEmpty()) {
            if (given != null && given.pruned() != null) {
                listener.message("train.prune: " + given.pruned().zeros() + " of "
                        + given.pruned().weights() + " weights are 0 and stay so");
            }
            TrainingState start = given == null ? trainer.initialState() : trainer.initialState(given.parameters());
            checkpoints.write(start, identity); // so that a run can be resumed from its first moment
            return start;
        }
        TrainingState start = saved.get();
        listener.message("resuming after step " + start.step());
        checkpoints.deleteAfter(start.step());
        return otherKernels ? start.opened() : start;
    }

    private Outcome train(
            Trainer trainer,
            CheckpointStore checkpoints,
            JavaSparkContext spark,
            AtomicReference<TrainingState> start,
            long rest,
            LoopListener listener)
            throws IOException {
        long firstStep = start.get().step();
        long parameters = start.get().parameters().length;
        record = record.with(
                new RunRecord.Place(spark.master(), spark.sc().applicationId(), trainer.tasks(), parameters));
        record.write(folder);
        LOG.info(
                "steps {} to {} on {}, {} shards over {} tasks",
                firstStep,
                trainer.totalSteps(),
                spark.master(),
                config.training().shards(),
                trainer.tasks());
        try (MetricsLog metrics = new MetricsLog(folder, firstStep);
                HistogramLog histograms = histograms(trainer, firstStep)) {
            Recorder recorder = new Recorder(trainer, checkpoints, metrics, firstStep);
            LoopListener all = LoopListener.of(listener, recorder);
            if (histograms != null) {
                histograms.begin(start.get());
                all = LoopListener.of(histograms, all); // whoever goes on from a checkpoint finds the lines up to there
            }
            TrainingState end = train(trainer, start, rest, recorder, all);
            record = record.with(end.provenance());
            if (!trainer.isFinished(end)) {
                lock.require();
                checkpoints.write(end, identity);
                return new Outcome(RunRecord.Status.INTERRUPTED, end, recorder.testScores);
            }
            if (recorder.stepOfScores != end.step()) { // resumed at its very end
                trainer.evaluate(end, all);
            }
            TrainingState kept = trainer.kept(end);
            Scores test = kept == end ? recorder.testScores : trainer.testScores(kept);
            trainer.earlyStopping(end).ifPresent(text -> {
                LOG.info(text);
                listener.message(text);
            });
            lock.require();
            record = record.with(new FinishedRun(config, dataset, folder, classNames).write(trainer, kept, test));
            lock.require(); // "finished" is said of what is there
            return new Outcome(RunRecord.Status.FINISHED, kept, test);
        }
    }

    /** @return null when nobody asked for any */
    private HistogramLog histograms(Trainer trainer, long firstStep) throws IOException {
        Every every = config.training().histograms();
        return every == null
                ? null
                : new HistogramLog(
                        trainer.network(),
                        dataset.train(),
                        folder,
                        every,
                        trainer.plan().stepsPerEpoch(),
                        firstStep);
    }

    /** Trains, and puts down how far it came, whatever ends it. */
    private TrainingState train(
            Trainer trainer, AtomicReference<TrainingState> start, long rest, Recorder recorder, LoopListener all) {
        long began = System.nanoTime();
        try {
            return trainer.train(() -> start.getAndSet(null), rest, all); // a large model lies in memory once less
        } finally {
            double seconds = (System.nanoTime() - began) / 1e9;
            record = record.with(new RunRecord.Progress(
                    recorder.stepsDone,
                    (double) recorder.stepsDone / trainer.plan().stepsPerEpoch(),
                    seconds,
                    recorder.examples / seconds,
                    trainer.optimizerSteps() == null
                            ? null
                            : trainer.optimizerSteps().word()));
        }
    }

    /** Does the work of this run, {@link #train} above all, and has {@code run.json} say how it ended, whatever ended it. */
    public Outcome recorded(RunEnd.Work<Outcome> work) throws IOException {
        return new RunEnd(folder, lock, secondsBefore, config::redacted).recorded(work, Outcome::status, () -> record);
    }

    /** Puts down what happens. */
    private final class Recorder implements LoopListener {
        private final Trainer trainer;
        private final CheckpointStore checkpoints;
        private final MetricsLog metrics;
        private final long firstStep;
        private Scores testScores;
        private long stepOfScores = -1;
        private long stepsDone;
        private long examples;

        Recorder(Trainer trainer, CheckpointStore checkpoints, MetricsLog metrics, long firstStep) {
            this.trainer = trainer;
            this.checkpoints = checkpoints;
            this.metrics = metrics;
            this.firstStep = firstStep;
            this.stepsDone = firstStep;
        }

        @Override
        public void stepDone(StepReport step) {
            examples += step.metrics().id().examples();
            stepsDone = step.metrics().id().step() + 1;
            unchecked(() -> {
                if (isLogged(stepsDone)) {
                    metrics.step(step);
                }
                if (!lock.isHeld()) {
                    lock.require();
                }
            });
        }

        /** The first step and the last one are, whatever lies between. */
        private boolean isLogged(long step) {
            return step % config.training().logEvery() == 0 || step == 1 || step == trainer.totalSteps();
        }

        @Override
        public void evaluated(SplitName split, TrainingState state, Scores scores) {
            if (split == SplitName.TEST) {
                testScores = scores;
            }
            stepOfScores = state.step();
            LOG.info("step {}: {} loss {}, {}", state.step(), split, scores.loss(), scores.figures());
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
                record = record.with(state.provenance());
                LOG.info("checkpoint at step {}", state.step());
            });
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
