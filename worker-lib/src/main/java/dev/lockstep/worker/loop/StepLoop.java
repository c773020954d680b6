package dev.lockstep.worker.loop;

import dev.lockstep.worker.failure.DivergenceException;
import dev.lockstep.worker.plan.BatchPlan;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.step.Replica;
import dev.lockstep.worker.step.StepMetrics;
import java.util.List;
import java.util.function.LongFunction;

/**
 * The one loop over optimizer steps: round after round, what the shards computed is added up, and what is done with the
 * sum gives the next model. Whoever runs it ends with the same bits: a task alone, each member of a gang, the driver.
 *
 * @param allReduce how the sum comes about
 * @param listener told of each step
 */
public record StepLoop(Rounds rounds, AllReduce allReduce, StepListener listener) {

    /**
     * How a loop ended.
     *
     * @param step how many steps of the run are done
     * @param diverged why the next round was not, when it gave what is no number; else null
     */
    public record End(long step, String diverged) {}

    /**
     * Takes steps from the model that is in the replica, and leaves it the one after them.
     *
     * @param own given a round's first step, computes the shards that are the caller's; the sums are the replica's
     * @param fromStep the first step of a round
     * @param toStep the end of a round
     */
    public End run(Replica replica, BatchPlan plan, LongFunction<List<PartialSum>> own, long fromStep, long toStep) {
        Stopwatch watch = new Stopwatch();
        long step = fromStep;
        String diverged = null;
        while (step < toStep) {
            List<PartialSum> pieces = own.apply(step);
            double computing = watch.seconds();
            PartialSum sum = allReduce.allReduce(rounds.end(step) - 1, pieces);
            List<StepMetrics> metrics;
            try {
                metrics = rounds.finish(replica, plan, step, sum, allReduce.colleagues());
            } catch (DivergenceException e) {
                diverged = e.getMessage();
                break;
            }
            pieces.forEach(replica::recycle); // the sum may be in an array of theirs
            step = rounds.end(step);
            double seconds = watch.lap();
            double exchange = Math.max(0, seconds - allReduce.computing(computing));
            StepReport.ofRound(metrics, seconds, exchange).forEach(listener::stepDone);
            if (allReduce.stopped()) {
                break;
            }
        }
        allReduce.colleagues().leave();
        return new End(step, diverged);
    }
}
