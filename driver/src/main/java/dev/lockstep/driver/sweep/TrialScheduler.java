package dev.lockstep.driver.sweep;

import dev.lockstep.driver.config.Every;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.loop.LoopListener;
import dev.lockstep.driver.report.RunReport;
import dev.lockstep.driver.run.ExitCode;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.run.RunLog;
import dev.lockstep.driver.run.RunRecord;
import dev.lockstep.driver.run.TrainingRun;
import dev.lockstep.driver.spark.SparkApplication;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.loop.StepReport;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs trials as parallel jobs of one Spark application, as many at once as there are slots for, begun in their order.
 * Each leaves a run's folder, {@code trials/<name>/}, as {@code train} does, and the same bits: a trial knows nothing of
 * the others. One that fails is put down as failed, and the rest goes on. Called again over the same folder, it repeats
 * none that finished or diverged and goes on with the others from their checkpoints.
 */
public final class TrialScheduler {
    private static final Logger LOG = LoggerFactory.getLogger(TrialScheduler.class);
    private static final long POLL_MILLIS = 100;

    private final JavaSparkContext spark;
    private final Datasets datasets;
    private final RunFolder folder;
    private final String command;
    private final String version;
    private final TrialObserver observer;

    /**
     * @param folder of the sweep; the trials' folders are below it
     * @param command what the user typed
     * @param version of Lockstep
     */
    public TrialScheduler(
            JavaSparkContext spark,
            Datasets datasets,
            RunFolder folder,
            String command,
            String version,
            TrialObserver observer) {
        this.spark = spark;
        this.datasets = datasets;
        this.folder = folder;
        this.command = command;
        this.version = version;
        this.observer = observer;
    }

    /** The folder of a trial. */
    public static RunFolder folder(RunFolder sweep, Trial trial) {
        return sweep.folder("trials").folder(trial.name());
    }

    /**
     * Refuses a folder that holds trials of another configuration or other data under the names of these.
     *
     * @throws dev.lockstep.worker.failure.ModelException that names the trial and the first differing key
     */
    public static void refuseOthers(RunFolder sweep, List<Trial> trials, Datasets datasets) throws IOException {
        for (Trial trial : trials) {
            TrainingRun.refuseOther(trial.config(), datasets.of(trial.config()), folder(sweep, trial));
        }
    }

    /** Runs trials to their ends. */
    public List<TrialResult> run(List<Trial> trials) {
        return run(trials, null);
    }

    /**
     * Runs trials until so much of each is done, where they rest with a checkpoint and an evaluation.
     *
     * @param budget null for all
     * @return in the order of the trials; those are missing that were not begun because the observer asked to stop, or
     *     because Spark ended
     */
    public List<TrialResult> run(List<Trial> trials, Every budget) {
        int slots = Math.max(1, SparkApplication.slots(spark));
        Semaphore free = new Semaphore(slots, true);
        TreeMap<Integer, TrialResult> results = new TreeMap<>();
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            for (int i = 0;
                    i < trials.size()
                            && !observer.stopRequested()
                            && !spark.sc().isStopped();
                    i++) {
                int number = i;
                Trial trial = trials.get(i);
                Optional<TrialResult> before = ended(trial, budget);
                if (before.isPresent()) {
                    put(results, number, before.get());
                } else if (acquire(free, trial.slots(slots))) {
                    threads.execute(() -> {
                        try {
                            put(results, number, run(trial, budget));
                        } finally {
                            free.release(trial.slots(slots));
                        }
                    });
                }
            }
            free.acquireUninterruptibly(slots); // each trial's jobs have deadlines
        } finally {
            threads.shutdown();
        }
        synchronized (observer) {
            return List.copyOf(results.values());
        }
    }

    /** Waits for slots; not when the observer asks to stop. */
    private boolean acquire(Semaphore free, int slots) {
        try {
            while (!observer.stopRequested()) {
                if (free.tryAcquire(slots, POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                    return true;
                }
            }
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for a slot for the next trial", e);
        }
    }

    private void put(TreeMap<Integer, TrialResult> results, int number, TrialResult result) {
        synchronized (observer) {
            results.put(number, result);
            observer.ended(result);
        }
    }

    /** What an earlier session left of a trial, when it is this one and nothing is left to do. */
    private Optional<TrialResult> ended(Trial trial, Every budget) {
        RunFolder place = folder(folder, trial);
        try {
            TrainingRun.refuseOther(trial.config(), datasets.of(trial.config()), place);
            return TrialResult.read(trial, place)
                    .filter(result -> result.status() == RunRecord.Status.FINISHED && isWhole(trial, result)
                            || result.status() == RunRecord.Status.DIVERGED
                            || budget != null
                                    && result.status() != RunRecord.Status.RUNNING // killed: steps not put down
                                    && result.rests(trial.restingStep(datasets, budget)));
        } catch (IOException | RuntimeException e) {
            return Optional.empty(); // damaged files, or another run: running the trial says so
        }
    }

    /** Whether it did all of its steps, or ended early by itself: a run can be made longer. */
    private boolean isWhole(Trial trial, TrialResult result) {
        RunConfig.Training training = trial.config().training();
        return training.earlyStopping() != null || result.steps() == trial.restingStep(datasets, training.length());
    }

    private TrialResult run(Trial trial, Every budget) {
        RunFolder place = folder(folder, trial);
        try {
            place.create();
            try (RunLog log = RunLog.ofThread(place)) {
                train(trial, budget, place);
            } finally {
                report(place);
            }
            return TrialResult.read(trial, place).orElseThrow();
        } catch (IOException | RuntimeException | Error e) { // whatever it is, the other trials go on
            return failed(trial, place, e);
        }
    }

    private void train(Trial trial, Every budget, RunFolder place) throws IOException {
        try {
            LOG.info("trial {}: {}", trial.name(), trial.values());
            TrainingRun run = new TrainingRun(trial.config(), datasets.of(trial.config()), place, command, version);
            run.recorded(() -> run.train(spark, listener(trial, budget), budget, false));
        } catch (IOException | RuntimeException | Error e) {
            LOG.info("trial {} failed", trial.name(), e); // while its log is open
            throw e;
        }
    }

    private static TrialResult failed(Trial trial, RunFolder place, Throwable thrown) {
        try {
            Optional<TrialResult> recorded = TrialResult.read(trial, place)
                    .filter(result -> result.error() != null && result.status() != RunRecord.Status.RUNNING);
            if (recorded.isPresent()) {
                return recorded.get();
            }
        } catch (IOException | RuntimeException e) {
            thrown.addSuppressed(e);
        }
        return TrialResult.failed(trial, ExitCode.of(thrown), ExitCode.message(thrown));
    }

    private static void report(RunFolder place) {
        try {
            RunReport.write(place);
        } catch (IOException | RuntimeException e) {
            LOG.warn("no report of {}: {}", place.path(), e.toString());
        }
    }

    private LoopListener listener(Trial trial, Every budget) {
        return new LoopListener() {
            private long rest;

            @Override
            public void begins(long totalSteps, long stepsPerEpoch) {
                rest = budget == null ? totalSteps : trial.restingStep(datasets, budget);
            }

            @Override
            public void stepDone(StepReport report) {
                synchronized (observer) {
                    observer.progressed(trial, report.metrics().id().step() + 1, rest);
                }
            }

            @Override
            public void message(String text) {
                LOG.info("trial {}: {}", trial.name(), text);
            }

            @Override
            public boolean shouldStop(TrainingState state) {
                return observer.stopRequested();
            }
        };
    }
}
