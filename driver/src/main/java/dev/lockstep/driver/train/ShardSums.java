package dev.lockstep.driver.train;

import dev.lockstep.driver.feed.PlacedExamples;
import dev.lockstep.driver.feed.TrainingPlacement;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.reduce.ReductionTree;
import dev.lockstep.worker.reduce.Span;
import dev.lockstep.worker.step.Replica;
import dev.lockstep.worker.step.StepId;
import java.util.List;
import java.util.Objects;

/** What a task computes in a step: the gradients of its shards, one after the other, added up as far as the tree allows. */
final class ShardSums {
    private ShardSums() {}

    /** @return the sums of the maximal subtrees of the task's shards; empty when all of them are empty */
    static List<PartialSum> compute(
            Replica replica, TrainingPlacement placement, PlacedExamples examples, long step, Span shards) {
        StepId id = placement.plan().id(step);
        return new ReductionTree(placement.plan().shards())
                .maximalSubtrees(shards).stream()
                        .map(subtree -> ReductionTree.sum(
                                subtree,
                                shard -> {
                                    List<byte[]> of = placement.shard(examples, step, shard);
                                    return of.isEmpty() ? null : replica.gradient(id, shard, of);
                                },
                                replica::recycle))
                        .filter(Objects::nonNull)
                        .toList();
    }
}
