package dev.lockstep.driver.feed;

import dev.lockstep.worker.source.Split;
import java.util.List;
import java.util.stream.LongStream;

/**
 * A split cut into blocks of as many examples each, the last one perhaps shorter. However large the split is, a block is
 * small: one array holds it, and Spark caches, moves and drops it as a whole.
 *
 * @param examples of the split
 * @param perBlock at least 1
 */
record Blocks(long examples, int perBlock) {
    private static final int BYTES = 64 << 20;

    /**
     * Blocks of at most 64 MiB, but at least one example.
     *
     * @param wanted about how many there are to be of a split that makes fewer of that size, at least 1
     */
    static Blocks of(Split split, int wanted) {
        return of(split, wanted, BYTES);
    }

    /** @param bytes at most so many a block */
    static Blocks of(Split split, int wanted, int bytes) {
        long even = Math.max(1, (split.size() + wanted - 1) / wanted);
        return new Blocks(split.size(), (int)
                Math.min(even, Math.max(1, bytes / split.format().size())));
    }

    /** The examples {@code [from, to)} of each block, in order. */
    List<long[]> ranges() {
        return LongStream.range(0, (examples + perBlock - 1) / perBlock)
                .mapToObj(block -> new long[] {block * perBlock, Math.min(examples, (block + 1) * perBlock)})
                .toList();
    }
}
