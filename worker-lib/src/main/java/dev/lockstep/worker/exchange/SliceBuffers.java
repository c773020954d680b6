package dev.lockstep.worker.exchange;

import dev.lockstep.worker.exchange.ExchangePlan.Slice;
import dev.lockstep.worker.tally.Tally;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * All memory that an executor needs to exchange gradients, for every step again. With n executors of one subtree each and P
 * bytes of parameters: P for the result, and over the network (n - 1)/n P each for what goes out and what comes in, and 1/n P for
 * the answers to its own slices; at most 3 P.
 */
final class SliceBuffers {
    /** Beside its floats a slice takes a key, a kind, a header, and a tally for each subtree. */
    static final int HEADER_BYTES = MessageKind.BYTES + SliceHeader.BYTES;

    private final ExchangePlan plan;
    private final int executor;
    private final float[] result;
    private final ByteBuffer[] outgoing;
    private final float[][][][] incoming;

    SliceBuffers(ExchangePlan plan, int executor) {
        this.plan = plan;
        this.executor = executor;
        this.result = new float[plan.parameters()];
        int slices = plan.slices().size();
        this.outgoing = new ByteBuffer[slices];
        this.incoming = new float[slices][plan.executors().size()][][];
    }

    boolean fit(ExchangePlan otherPlan, int otherExecutor) {
        return executor == otherExecutor && plan.equals(otherPlan);
    }

    /** The sum over all shards, {@code [parameters]}. */
    float[] result() {
        return result;
    }

    /** The length of what goes out about a slice, or of the answer to it, at most, in bytes. */
    int capacity(Slice slice) {
        int subtrees = slice.owner() == executor ? 1 : plan.subtrees(executor).size();
        return HEADER_BYTES + subtrees * (Tally.bytes(plan.sums()) + slice.length() * Float.BYTES);
    }

    /** For what goes out about a slice over the network: its sums to its owner, or from the owner the answer. Made when it is needed. */
    synchronized ByteBuffer outgoing(Slice slice) {
        ByteBuffer made = outgoing[slice.number()];
        if (made == null) {
            // Outside the heap: from there the network takes it without another copy.
            made = ByteBuffer.allocateDirect(capacity(slice)).order(ByteOrder.LITTLE_ENDIAN);
            outgoing[slice.number()] = made;
        }
        return made.clear();
    }

    /** For another's sums of an own slice that came over the network, {@code [subtrees of the executor][length]}; made when needed. */
    synchronized float[][] incoming(Slice slice, int from) {
        float[][] made = incoming[slice.number()][from];
        if (made == null) {
            made = new float[plan.subtrees(from).size()][slice.length()];
            incoming[slice.number()][from] = made;
        }
        return made;
    }
}
