package dev.lockstep.worker.exchange;

import dev.lockstep.worker.exchange.ExchangePlan.Slice;
import dev.lockstep.worker.reduce.Span;
import dev.lockstep.worker.tally.Tally;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * All memory that an executor needs to exchange gradients, for every step again. With n executors of one subtree each and P
 * bytes of parameters: P for the result, (n - 1)/n P each for what goes out and what comes in, and 2/n P for its own
 * slices; at most 3 P.
 */
final class SliceBuffers {
    /** Beside its floats a slice takes a key, a place, and a tally for each subtree. */
    static final int HEADER_BYTES = Endpoint.Key.BYTES + 2 * Integer.BYTES + Long.BYTES + 1;

    private final ExchangePlan plan;
    private final int executor;
    private final float[] result;
    private final ByteBuffer[] outgoing;
    private final float[][][][] incoming;

    SliceBuffers(ExchangePlan plan, int executor) {
        this.plan = plan;
        this.executor = executor;
        this.result = new float[plan.parameters()];
        List<Slice> slices = plan.slices();
        this.outgoing = new ByteBuffer[slices.size()];
        this.incoming = new float[slices.size()][][][];
        int executors = plan.executors().size();
        List<Span> own = plan.subtrees(executor);
        for (Slice slice : slices) {
            if (slice.owner() != executor) {
                outgoing[slice.number()] = message(own.size(), slice.length() * own.size(), plan.sums());
            } else if (executors > 1) {
                outgoing[slice.number()] = message(1, slice.length(), plan.sums());
                float[][][] arrays = new float[executors][][];
                for (int from = 0; from < executors; from++) {
                    arrays[from] = new float[plan.subtrees(from).size()][slice.length()];
                }
                incoming[slice.number()] = arrays;
            }
        }
    }

    private static ByteBuffer message(int subtrees, int floats, int sums) {
        // Outside the heap: from there the network takes it without another copy.
        return ByteBuffer.allocateDirect(HEADER_BYTES + subtrees * Tally.bytes(sums) + floats * Float.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    boolean fit(ExchangePlan otherPlan, int otherExecutor) {
        return executor == otherExecutor && plan.equals(otherPlan);
    }

    /** The sum over all shards, {@code [parameters]}. */
    float[] result() {
        return result;
    }

    /** For what goes out about a slice: its sums to its owner, or from the owner the answer. */
    ByteBuffer outgoing(Slice slice) {
        return outgoing[slice.number()].clear();
    }

    /** For an own slice's sums, {@code [subtrees of the executor][length]}; this executor's too. */
    float[][] incoming(Slice slice, int from) {
        return incoming[slice.number()][from];
    }
}
