package dev.lockstep.worker.source;

import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.model.ExampleFormat;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;

/**
 * The first {@code size} examples of some CIFAR-10 files, one file after the other.
 *
 * @param files names, in order
 * @param stored the number of examples of each file
 * @param format of an example
 */
public record Cifar10Split(
        DataLocation location, List<String> files, List<Integer> stored, ExampleFormat format, long size)
        implements Split {
    private static final int VALUES = 3 * 32 * 32;

    /** Bytes of a label and an image. */
    public static final int RECORD = 1 + VALUES;

    @Override
    public Block read(long from, long to) {
        Objects.checkFromToIndex(from, to, size);
        int count = Math.toIntExact(to - from);
        int[] labels = new int[count];
        byte[] values = new byte[Math.multiplyExact(count, VALUES)];
        long first = 0; // of the file's examples
        for (int i = 0; i < files.size(); i++) {
            long end = first + stored.get(i);
            long start = Math.max(from, first);
            if (start < Math.min(to, end)) {
                read(
                        files.get(i),
                        start - first,
                        Math.min(to, end) - start,
                        Math.toIntExact(start - from),
                        labels,
                        values);
            }
            first = end;
        }
        return Block.of(format, from, labels, values);
    }

    /** Gzip cannot be entered in the middle, so a range is reached by reading up to it. */
    private void read(String file, long skipped, long count, int at, int[] labels, byte[] values) {
        try (InputStream in = location.open(file)) {
            in.skipNBytes(skipped * RECORD);
            for (int i = at; i < at + count; i++) {
                labels[i] = in.read();
                if (in.readNBytes(values, i * VALUES, VALUES) < VALUES) {
                    throw new DataException("%s changed while in use: it has become shorter; start again"
                            .formatted(location.nameOf(file)));
                }
            }
        } catch (IOException e) {
            throw DataLocation.unreadable(location.nameOf(file), e);
        }
    }
}
