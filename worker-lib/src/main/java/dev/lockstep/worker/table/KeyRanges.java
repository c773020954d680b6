package dev.lockstep.worker.table;

import dev.lockstep.worker.table.KeyedBlock.Sample;
import dev.lockstep.worker.table.RowEncoder.Keyed;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Ranges of keys that hold about as many bytes each: rows of one range are sorted together. Where they begin and end is no
 * part of the order.
 *
 * @param bounds the least key of each range but the first, ascending
 */
public record KeyRanges(byte[][] bounds) implements Serializable {
    private static final long BYTES = 16 << 20;
    private static final long LEAST_BYTES = 1 << 20;
    private static final int MOST = 2000;

    /** The rows of a block that are in one range, in the order of their keys. */
    public record Piece(int range, KeyedBlock rows) {}

    /**
     * @param samples of all rows
     * @param tasks that sort at the same time: so many ranges at least, where they are worth a task
     */
    public static KeyRanges of(List<Sample> samples, int tasks) {
        long bytes = samples.stream().mapToLong(Sample::bytes).sum();
        long count = Math.max(bytes / BYTES + 1, Math.min(tasks, bytes / LEAST_BYTES));
        int ranges = (int) Math.min(MOST, count);
        List<Sample> sorted = samples.stream()
                .sorted((one, other) -> Arrays.compareUnsigned(one.key(), other.key()))
                .toList();
        List<byte[]> bounds = new ArrayList<>();
        long before = 0;
        for (Sample sample : sorted) {
            if (before * ranges > bytes * (bounds.size() + 1)) {
                bounds.add(sample.key());
            }
            before += sample.bytes();
        }
        return new KeyRanges(bounds.toArray(byte[][]::new));
    }

    public int count() {
        return bounds.length + 1;
    }

    /** The range that a key is in. */
    int of(byte[] key) {
        int found = Arrays.binarySearch(bounds, key, Arrays::compareUnsigned);
        return found < 0 ? -found - 1 : found + 1;
    }

    /** A block's rows, range by range. */
    public List<Piece> cut(KeyedBlock block) {
        List<Piece> pieces = new ArrayList<>();
        List<Keyed> rows = new ArrayList<>();
        int range = -1;
        for (int at : block.order()) {
            byte[] key = block.key(at);
            int of = range < bounds.length && (range < 0 || Arrays.compareUnsigned(key, bounds[range]) >= 0)
                    ? of(key)
                    : range;
            if (of != range && !rows.isEmpty()) {
                pieces.add(new Piece(range, KeyedBlock.of(rows)));
                rows.clear();
            }
            range = of;
            rows.add(new Keyed(key, block.example(at)));
        }
        if (!rows.isEmpty()) {
            pieces.add(new Piece(range, KeyedBlock.of(rows)));
        }
        return pieces;
    }
}
