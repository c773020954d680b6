package dev.lockstep.driver.exchange;

import dev.lockstep.driver.feed.Feed;
import dev.lockstep.driver.spark.Releases;
import dev.lockstep.worker.loop.Rounds;
import dev.lockstep.worker.loop.TrainingTask;
import dev.lockstep.worker.model.NetworkDefinition;
import dev.lockstep.worker.plan.BatchPlan;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.plan.TrainingPlacement;
import dev.lockstep.worker.seed.SeedLaw;
import org.apache.spark.api.java.JavaRDD;

/**
 * Some rounds of a run, their examples already with the tasks that compute them.
 *
 * @param examples one element a task, in task order
 * @param everywhere whether each task can look up every example, not only its own
 */
public record Segment(TrainingPlacement placement, Rounds rounds, JavaRDD<PlacedExamples> examples, boolean everywhere)
        implements AutoCloseable {
    /**
     * The step, the end of a round, that a segment from a step ends with. What is looked up costs nothing to arrange; a shuffle
     * reads all examples, however few of them come in the segment, and so brings all that the epoch has left.
     *
     * @param most the steps after which an exchange rests
     */
    public static long end(Feed feed, BatchPlan plan, Rounds rounds, long fromStep, long toStep, long most) {
        long end = feed.everywhere() ? fromStep + most : plan.nextEpoch(fromStep);
        return rounds.ceiling(Math.min(toStep, end));
    }

    /** The step, the end of a round, where an exchange rests that runs from a step of the segment, if nobody wants it to before. */
    public long restAfter(long step, long most) {
        return Math.min(toStep(), rounds.ceiling(step + most));
    }

    /** Brings the examples of a placement's steps to the tasks that will compute them. */
    public static Segment arrange(Feed feed, TrainingPlacement placement, Rounds rounds) {
        return new Segment(placement, rounds, feed.arrange(placement), feed.everywhere());
    }

    public int tasks() {
        return placement.tasks();
    }

    /** The first step that is not in it. */
    public long toStep() {
        return placement.toStep();
    }

    /** What a task is told that takes some of the steps. */
    TrainingTask task(NetworkDefinition network, SeedLaw seeds, long fromStep, long toStep) {
        return new TrainingTask(network, seeds, placement, rounds, fromStep, toStep);
    }

    /** Frees what the tasks hold of the examples. */
    @Override
    public void close() {
        Releases.release(examples);
    }
}
