package dev.lockstep.worker.feed;

import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.plan.Placement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.broadcast.Broadcast;

/**
 * Looked up among all examples of a set, which every executor holds.
 *
 * @param all of them, in order, in blocks that begin at {@code firsts}
 * @param firsts the number of each block's first example, ascending from 0
 */
public record ReplicatedExamples(Broadcast<List<Block>> all, long[] firsts, Placement placement)
        implements PlacedExamples {

    @Override
    public List<byte[]> between(long from, long to) {
        List<Block> blocks = all.value();
        List<byte[]> found = new ArrayList<>();
        for (long place = from; place < to; place++) {
            long example = placement.example(place);
            if (example != Placement.NONE) {
                int at = Arrays.binarySearch(firsts, example);
                found.add(blocks.get(at >= 0 ? at : -at - 2).packed(example));
            }
        }
        return found;
    }

    @Override
    public boolean shared() {
        return true;
    }
}
