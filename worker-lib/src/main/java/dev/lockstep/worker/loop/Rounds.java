package dev.lockstep.worker.loop;

import dev.lockstep.worker.plan.BatchPlan;
import dev.lockstep.worker.plan.TrainingPlacement;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.reduce.ReductionTree;
import dev.lockstep.worker.reduce.RunningSums;
import dev.lockstep.worker.step.Colleagues;
import dev.lockstep.worker.step.ModelAverage;
import dev.lockstep.worker.step.Replica;
import dev.lockstep.worker.step.StepId;
import dev.lockstep.worker.step.StepMetrics;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.LongStream;

/**
 * The rounds of a run, each the steps after which all shards agree on a model again. One step a round is exact synchronous
 * SGD: the shards' gradients are summed, then one optimizer step is taken. More are parameter averaging: each shard takes
 * the steps by itself, then the models are averaged. Either way a round is a vector of each shard, their sum along the
 * tree, and something done with the sum.
 *
 * @param stepsARound at least 1
 * @param totalSteps of the run, whose last round may be short
 */
public record Rounds(int stepsARound, long totalSteps) implements Serializable {

    /** One past the last step of the round that begins with a step. */
    public long end(long step) {
        return Math.min(totalSteps, (step / stepsARound + 1) * stepsARound);
    }

    /** The first number of steps done, not below this one, at which all shards agree on a model. */
    public long ceiling(long stepsDone) {
        return stepsDone >= totalSteps ? totalSteps : stepsDone == 0 ? 0 : end(stepsDone - 1);
    }

    /** Whether all shards agree on a model after so many steps; not where a shorter run has cut its last round. */
    public boolean isEnd(long stepsDone) {
        return stepsDone >= totalSteps || stepsDone % stepsARound == 0;
    }

    /** The end of the last round that is not cut short: from there the run can be made longer. */
    public long lastWhole() {
        return totalSteps / stepsARound * stepsARound;
    }

    /** Whether shards begin a round with the optimizer's state, too. */
    public boolean average() {
        return stepsARound > 1;
    }

    /** The length of the vectors that are summed. */
    public int vectorLength(Replica replica) {
        return average() ? ModelAverage.length(replica, stepsARound) : replica.contributionLength();
    }

    /**
     * What a task computes in a round, from the model that is in the replica: the vectors of its shards, one after the
     * other, added up as far as the tree allows.
     *
     * @param step the round's first
     * @param shards the task's
     * @return the sums of the largest subtrees whose shards are all the task's; empty when all of them are empty
     */
    public List<PartialSum> compute(
            Replica replica, TrainingPlacement placement, long step, Iterator<OwnShards.Shard> shards) {
        BiFunction<OwnShards.Shard, PartialSum, PartialSum> leaf =
                average() ? localSteps(replica, placement, step) : gradient(replica, placement, step);
        boolean onto = !average() && replica.addsGradients();
        RunningSums sums = new RunningSums(new ReductionTree(placement.plan().shards()), replica::recycle);
        shards.forEachRemaining(shard -> {
            if (onto && !shard.isWatched()) {
                sums.addOnto(shard.number(), left -> leaf.apply(shard, left));
                return;
            }
            PartialSum sum = leaf.apply(shard, null);
            shard.witness().accept(sum);
            if (!shard.again()) {
                sums.add(shard.number(), sum);
            } else if (sum != null) {
                replica.recycle(sum);
            }
        });
        return sums.all();
    }

    private static BiFunction<OwnShards.Shard, PartialSum, PartialSum> gradient(
            Replica replica, TrainingPlacement placement, long step) {
        StepId id = placement.plan().id(step);
        return (shard, left) -> {
            List<byte[]> own = placement.shard(shard.examples(), step, shard.number());
            int from = placement.plan().shardStart(id.examples(), shard.number());
            return own.isEmpty() ? null : replica.gradient(id, shard.number(), from, own, left);
        };
    }

    private BiFunction<OwnShards.Shard, PartialSum, PartialSum> localSteps(
            Replica replica, TrainingPlacement placement, long step) {
        ModelAverage round = new ModelAverage(replica, ids(placement.plan(), step), stepsARound);
        return (shard, left) ->
                round.shard(shard.number(), i -> placement.shard(shard.examples(), step + i, shard.number()));
    }

    /**
     * Ends a round: what is in the replica becomes the model after it.
     *
     * @param sum of all shards
     * @param colleagues who are given the same sum, and share what is done with it
     * @return what each step showed
     * @throws dev.lockstep.worker.failure.DivergenceException when a loss or gradient is not finite; nothing has changed
     */
    public List<StepMetrics> finish(Replica replica, BatchPlan plan, long step, PartialSum sum, Colleagues colleagues) {
        if (average()) {
            return ModelAverage.install(replica, ids(plan, step), sum);
        }
        StepMetrics metrics = replica.step(plan.id(step), sum, colleagues);
        if (plan.nextEpoch(step) == step + 1) {
            replica.forgetStates();
        }
        return List.of(metrics);
    }

    private List<StepId> ids(BatchPlan plan, long step) {
        return LongStream.range(step, end(step)).mapToObj(plan::id).toList();
    }
}
