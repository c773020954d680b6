package dev.lockstep.driver.source;

import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.model.ExampleFormat;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The first {@code size} examples of some CIFAR-10 files, one file after the other.
 *
 * @param files names, in order
 * @param stored the number of examples of each file
 * @param format of an example
 */
record Cifar10Split(DataLocation location, List<String> files, List<Integer> stored, ExampleFormat format, long size)
        implements Split {
    private static final int VALUES = 3 * 32 * 32;
    private static final int RECORD = 1 + VALUES;
    private static final int LABELS = 10;

    /** Reads the files to their ends, checks everything and adds the examples used to the fingerprint. */
    static Cifar10Split open(
            DataLocation location,
            List<String> files,
            ExampleFormat format,
            long limit,
            MessageDigest fingerprint,
            Use use) {
        List<Integer> stored = new ArrayList<>();
        long before = 0;
        for (String file : files) {
            int count = 0;
            try (InputStream in = location.open(file)) {
                byte[] record = in.readNBytes(RECORD);
                for (; record.length == RECORD; record = in.readNBytes(RECORD)) {
                    checkLabel(
                            location.nameOf(file),
                            record[0],
                            count,
                            format.target().values(),
                            use);
                    if (limit == 0 || before + count < limit) {
                        fingerprint.update(record);
                    }
                    count++;
                }
                if (record.length > 0 || count == 0) {
                    throw new DataException(
                            "%s has %d bytes: expected a multiple of %d (a label and 3x32x32 values); get the file again"
                                    .formatted(location.nameOf(file), (long) count * RECORD + record.length, RECORD));
                }
            } catch (IOException e) {
                throw DataLocation.unreadable(location.nameOf(file), e);
            }
            stored.add(count);
            before += count;
        }
        long used = limit == 0 ? before : Math.min(limit, before);
        fingerprint.update(ByteBuffer.allocate(Long.BYTES).putLong(used).flip());
        return new Cifar10Split(location, files, List.copyOf(stored), format, used);
    }

    private static void checkLabel(String file, byte found, int example, int classes, Use use) {
        int label = Byte.toUnsignedInt(found);
        if (label >= LABELS || label >= classes) {
            throw new DataException("%s has label %d at example %d: expected 0 to %d; %s"
                    .formatted(
                            file,
                            label,
                            example,
                            Math.min(LABELS, classes) - 1,
                            label >= LABELS ? "get the file again" : use.classes));
        }
    }

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
