package dev.lockstep.bench.scaling;

import dev.lockstep.worker.exchange.Traffic;
import dev.lockstep.worker.reduce.Span;
import java.util.ArrayList;
import java.util.List;

/**
 * A gang of one task an executor, the shards dealt out in their order.
 *
 * @param parameters the length of a gradient, at least 1
 * @param shards of a global batch, at least as many as executors
 * @param executors at least 1
 */
record Layout(int parameters, int shards, int executors) {

    /** One shard an executor: the fewest sums travel. */
    static Layout ofOneShardEach(int parameters, int executors) {
        return new Layout(parameters, executors, executors);
    }

    /** Of each executor, by the gang's own plan. */
    List<Traffic> traffic() {
        List<List<Span>> placed = new ArrayList<>();
        for (int executor = 0; executor < executors; executor++) {
            placed.add(List.of(new Span(border(executor), border(executor + 1))));
        }
        return Traffic.of(shards, placed, parameters);
    }

    private int border(int executor) {
        return (int) ((long) executor * shards / executors);
    }
}
