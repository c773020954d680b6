package dev.lockstep.driver.exchange;

import dev.lockstep.driver.config.ExchangeKind;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.loop.OptimizerSteps;
import dev.lockstep.worker.loop.StepListener;
import dev.lockstep.worker.model.NetworkDefinition;
import dev.lockstep.worker.seed.SeedLaw;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * A way of running optimizer steps on a cluster. All ways give the same bits; they differ in speed and in what they ask
 * of the cluster.
 */
public interface Exchange {

    /**
     * The way of a kind.
     *
     * @param audit the share of the shards that two tasks compute, to be compared; a gang's alone
     */
    static Exchange of(ExchangeKind kind, JavaSparkContext spark, SeedLaw seeds, double audit) {
        return switch (kind) {
            case GANG -> new GangExchange(spark, seeds, audit);
            case JOB -> new JobExchange(spark, seeds);
            case LOCAL -> new LocalExchange(spark, seeds);
        };
    }

    /** The number of tasks to spread the shards over, when there is this much room. */
    int tasks(int slots, int shards);

    /** The steps after which it rests where nobody wants it to before, so that its tasks follow the cluster's size. */
    default long mostSteps() {
        return 1000;
    }

    /** How the executors of a gang took the last steps; null where there was one alone, and in other ways. */
    default OptimizerSteps optimizerSteps() {
        return null;
    }

    /** In which order so many tasks had best take the parts of a batch: of each part, the task. */
    default List<Integer> order(int tasks) {
        return IntStream.range(0, tasks).boxed().toList();
    }

    /**
     * Runs the steps from {@code state.step()} to {@code toStep}, all of them in the segment.
     *
     * @param network what is trained: from call to call it may differ in its learning rates
     * @param toStep the end of a round
     * @param listener told of each step, of some again when they are run again
     * @param stop asked after each round whether to end with it
     * @return the state after the last round that was run; it may be before {@code toStep}, or the one given when too few
     *     slots are left for the segment's tasks
     * @throws dev.lockstep.worker.failure.DivergenceException when a loss or gradient is not finite
     */
    TrainingState run(
            NetworkDefinition network,
            Segment segment,
            TrainingState state,
            long toStep,
            StepListener listener,
            BooleanSupplier stop);
}
