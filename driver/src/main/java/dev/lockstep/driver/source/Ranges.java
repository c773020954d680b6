package dev.lockstep.driver.source;

import java.util.List;
import java.util.stream.LongStream;

/**
 * Examples cut into blocks of as many each, the last one perhaps shorter. However many there are, a block is
 * small: one array holds it, a task reads one at a time, and Spark caches, moves and drops it as a whole.
 *
 * @param examples how many there are
 * @param perBlock at least 1
 */
record Ranges(long examples, int perBlock) {
    private static final int BYTES = 16 << 20;

    /**
     * Blocks of at most 16 MiB, but at least one example.
     *
     * @param wanted about how many there are to be where fewer of that size would do, at least 1
     */
    static Ranges of(long examples, int bytesAnExample, int wanted) {
        return of(examples, bytesAnExample, wanted, BYTES);
    }

    /** @param bytes at most so many a block */
    static Ranges of(long examples, int bytesAnExample, int wanted, int bytes) {
        long even = Math.max(1, (examples + wanted - 1) / wanted);
        return new Ranges(examples, (int) Math.min(even, Math.max(1, bytes / bytesAnExample)));
    }

    /** The examples {@code [from, to)} of each block, in order. */
    List<long[]> all() {
        return LongStream.range(0, (examples + perBlock - 1) / perBlock)
                .mapToObj(block -> new long[] {block * perBlock, Math.min(examples, (block + 1) * perBlock)})
                .toList();
    }
}
