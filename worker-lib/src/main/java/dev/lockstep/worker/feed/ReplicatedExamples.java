package dev.lockstep.worker.feed;

import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.plan.Placement;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.broadcast.Broadcast;

/**
 * Looked up among all examples of a split, which every executor holds.
 *
 * @param all of the split, in order
 * @param perBlock how many examples a block has, but for the last one, which may have fewer
 */
public record ReplicatedExamples(Broadcast<List<Block>> all, int perBlock, Placement placement)
        implements PlacedExamples {

    @Override
    public List<byte[]> between(long from, long to) {
        List<Block> blocks = all.value();
        List<byte[]> found = new ArrayList<>();
        for (long place = from; place < to; place++) {
            long example = placement.example(place);
            if (example != Placement.NONE) {
                found.add(blocks.get((int) (example / perBlock)).packed(example));
            }
        }
        return found;
    }
}
