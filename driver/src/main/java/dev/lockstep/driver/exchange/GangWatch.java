package dev.lockstep.driver.exchange;

import dev.lockstep.driver.spark.Jobs;
import dev.lockstep.worker.exchange.Coordinator;
import dev.lockstep.worker.exchange.Dispute;
import dev.lockstep.worker.failure.Excerpt;
import dev.lockstep.worker.failure.LockstepException;
import dev.lockstep.worker.loop.StepListener;
import dev.lockstep.worker.loop.StepReport;
import dev.lockstep.worker.loop.StepsTaken;
import dev.lockstep.worker.loop.TrainingTask;
import dev.lockstep.worker.settings.SparkSettings;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import org.apache.spark.api.java.JavaFutureAction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows a gang from the driver: passes the steps on as they are finished, and the wish to stop the other way; and ends
 * the waiting for one that does not go on.
 *
 * @param steps what its tasks were told
 * @param replacementSeconds how long a lost executor may take to be replaced
 * @param ended whether Spark has
 */
record GangWatch(
        Coordinator coordinator,
        GangEvents events,
        TrainingTask steps,
        double replacementSeconds,
        BooleanSupplier stop,
        BooleanSupplier ended) {
    private static final Logger LOG = LoggerFactory.getLogger(GangWatch.class);

    private static final long LOOK_MILLIS = 50;
    private static final double SECONDS_OF_SILENCE = 600;
    private static final int STEPS_OF_SILENCE = 20;
    /** One task may read a large file. */
    private static final double SECONDS_OF_READING = 3600;

    /**
     * Waits for the gang's end.
     *
     * @param secondsAStep about what a step takes
     * @return what it ended with, in parts; null when a lost executor does not come back, so that others must take the steps
     * @throws LockstepException as a member threw it
     * @throws DisputedException when a shard came out in different bits
     * @throws IllegalStateException when the gang fails again and again, or does not go on
     */
    List<StepsTaken> follow(
            JavaFutureAction<List<StepsTaken>> job, DoubleSupplier secondsAStep, StepListener listener) {
        try {
            long last = steps.toStep() - 1;
            long reported = steps.fromStep() - 1;
            boolean stopping = false;
            int attempt = 0;
            while (!job.isDone()) {
                StepReport step = reported < last ? next() : null;
                if (step != null) {
                    listener.stepDone(step);
                    reported = Math.max(reported, step.metrics().id().step());
                    events.heard();
                } else if (reported == last) {
                    await(job);
                }
                LockstepException failure = coordinator.userFailure();
                if (failure != null) {
                    throw failure;
                }
                requireUndisputed();
                attempt = tellOfAttempt(attempt);
                if (!stopping && stop.getAsBoolean()) {
                    stopping = true;
                    coordinator.stopAfter(reported);
                }
                if (isWithoutReplacement()) {
                    return null;
                }
                requireSpark(job);
                requireNews(reported, secondsAStep);
            }
            List<StepsTaken> parts = result(job);
            for (StepReport step = coordinator.poll(); step != null; step = coordinator.poll()) {
                listener.stepDone(step);
            }
            return parts;
        } finally {
            job.cancel(true);
        }
    }

    private void requireUndisputed() {
        Dispute dispute = coordinator.dispute();
        if (dispute != null) {
            throw new DisputedException(dispute);
        }
    }

    private int tellOfAttempt(int before) {
        int attempt = coordinator.attempt();
        if (attempt > before) {
            String cause = coordinator.firstCause(); // none when no member lived to tell
            LOG.warn(
                    "steps {} to {} are run again: {}",
                    steps.fromStep(),
                    steps.toStep() - 1,
                    cause == null ? "all its tasks are gone" + events.loss() : cause);
        }
        return attempt;
    }

    /** Whether a lost executor does not come back, so that it is time to go on with what there is. */
    private boolean isWithoutReplacement() {
        if (Math.min(events.silence(), events.secondsWithout(coordinator.gang().size())) <= replacementSeconds) {
            return false;
        }
        LOG.warn(
                "no replacement within {} s ({}){}",
                (long) replacementSeconds,
                SparkSettings.REPLACEMENT,
                events.loss());
        return true;
    }

    private void requireSpark(JavaFutureAction<List<StepsTaken>> job) {
        try {
            if (Jobs.isForgotten(job, ended)) {
                throw new IllegalStateException(
                        "Spark ended under the gang for steps " + steps.fromStep() + " to " + (steps.toStep() - 1));
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private void requireNews(long reported, DoubleSupplier secondsAStep) {
        double silence = events.silence();
        boolean reading = events.reading();
        if (silence
                > (reading
                        ? SECONDS_OF_READING
                        : Math.max(SECONDS_OF_SILENCE, STEPS_OF_SILENCE * secondsAStep.getAsDouble()))) {
            throw new IllegalStateException("waited " + (long) silence + " s for "
                    + (reading
                            ? "tasks to read and shuffle the examples"
                            : "a gang of " + coordinator.gang().size() + " tasks to go on after step " + reported)
                    + "; are there executors with free slots? (see Spark's UI)" + events.loss());
        }
    }

    private StepReport next() {
        try {
            return coordinator.poll(LOOK_MILLIS);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static void await(JavaFutureAction<List<StepsTaken>> job) {
        try {
            job.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            // not done yet; or how it failed is told when it is done
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static IllegalStateException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IllegalStateException("interrupted while a gang was training", e);
    }

    /** @return the model's parts, in order */
    private List<StepsTaken> result(JavaFutureAction<List<StepsTaken>> job) {
        try {
            return job.get();
        } catch (InterruptedException e) {
            throw interrupted(e);
        } catch (ExecutionException e) {
            LockstepException ours = coordinator.userFailure();
            if (ours == null) {
                ours = LockstepException.in(e);
            }
            if (ours != null) {
                throw ours;
            }
            requireUndisputed();
            String first = coordinator.firstCause();
            IllegalStateException failure = new IllegalStateException("the gang failed in "
                    + (coordinator.attempt() + 1) + " attempts at the same steps; first: "
                    + (first == null ? Excerpt.line(e.getCause()) : first));
            failure.addSuppressed(e);
            throw failure;
        }
    }
}
