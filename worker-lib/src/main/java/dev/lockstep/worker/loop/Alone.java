package dev.lockstep.worker.loop;

import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.reduce.ReductionTree;
import java.util.List;

/**
 * Of one who computes all shards.
 *
 * @param shards of a global batch
 */
record Alone(int shards) implements AllReduce {
    @Override
    public PartialSum allReduce(long step, List<PartialSum> pieces) {
        return new ReductionTree(shards).combine(pieces);
    }

    @Override
    public boolean stopped() {
        return false;
    }
}
