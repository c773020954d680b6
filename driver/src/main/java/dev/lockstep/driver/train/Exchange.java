package dev.lockstep.driver.train;

import dev.lockstep.driver.config.ExchangeKind;
import dev.lockstep.driver.feed.Feed;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.loop.Rounds;
import dev.lockstep.worker.model.NetworkDefinition;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.plan.TrainingPlacement;
import dev.lockstep.worker.seed.SeedLaw;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * A way of running optimizer steps on a cluster. All ways give the same bits; they differ in speed and in what they ask
 * of the cluster.
 */
public interface Exchange {

    /**
     * Some rounds of a run, their examples already with the tasks that compute them.
     *
     * @param examples one element a task, in task order
     * @param everywhere whether each task can look up every example, not only its own
     */
    record Segment(TrainingPlacement placement, Rounds rounds, JavaRDD<PlacedExamples> examples, boolean everywhere) {
        /** So that tasks follow the cluster's size where nothing else ends a segment. */
        private static final long STEPS = 1000;

        /** The step, the end of a round, that a segment from a step ends with. */
        public static long end(Feed feed, Rounds rounds, long fromStep, long toStep, long bytesAStep) {
            long steps = Math.min(STEPS, feed.stepsAtOnce(bytesAStep));
            return rounds.ceiling(Math.min(toStep, fromStep + steps));
        }

        /** Brings the examples of a placement's steps to the tasks that will compute them. */
        public static Segment arrange(Feed feed, TrainingPlacement placement, Rounds rounds) {
            return new Segment(placement, rounds, feed.arrange(placement), feed.everywhere());
        }
    }

    /** The way of a kind. */
    static Exchange of(ExchangeKind kind, JavaSparkContext spark, SeedLaw seeds) {
        return switch (kind) {
            case GANG -> new GangExchange(spark, seeds);
            case JOB -> new JobExchange(spark, seeds);
            case LOCAL -> new LocalExchange(spark, seeds);
        };
    }

    /** The number of tasks to spread the shards over, when there is this much room. */
    int tasks(int slots, int shards);

    /** In which order so many tasks had best take the parts of a batch: of each part, the task. */
    default List<Integer> order(int tasks) {
        return IntStream.range(0, tasks).boxed().toList();
    }

    /**
     * Runs the steps from {@code state.step()} to {@code toStep}, all of them in the segment.
     *
     * @param network what is trained: from call to call it may differ in its learning rates
     * @param toStep the end of a round
     * @param monitor told of each step, of some again when they are run again; asked after each round whether to stop
     * @return the state after the last round that was run; it may be before {@code toStep}, or the one given when too few
     *     slots are left for the segment's tasks
     * @throws dev.lockstep.worker.failure.DivergenceException when a loss or gradient is not finite
     */
    TrainingState run(
            NetworkDefinition network, Segment segment, TrainingState state, long toStep, TrainingMonitor monitor);
}
