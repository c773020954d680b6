package dev.lockstep.worker.reduce;

import java.io.Serializable;

/**
 * The shards {@code [from, to)}: a node of the reduction tree.
 *
 * @param from the first shard
 * @param to one past the last shard, above {@code from}
 */
public record Span(int from, int to) implements Serializable {

    public Span {
        if (from < 0 || to <= from) {
            throw new IllegalArgumentException("not a span of shards: [" + from + ", " + to + ")");
        }
    }

    boolean isLeaf() {
        return to - from == 1;
    }

    /** {@code [from, m)} with m = from + the largest power of two below the span's length. */
    Span left() {
        return new Span(from, middle());
    }

    /** {@code [m, to)}, the rest. */
    Span right() {
        return new Span(middle(), to);
    }

    private int middle() {
        return from + Integer.highestOneBit(to - from - 1);
    }
}
