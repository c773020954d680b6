package dev.lockstep.worker.table;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.ExampleFormat.Target;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a table holds, or one partition of it.
 *
 * @param parts how many rows each part has, by its number, {@code [4]}
 * @param sum of the digests of all examples with their parts and ids, modulo 2^256: of two tables it is the same when they
 *     hold the same rows, in whatever order, {@code [4]} from the lowest
 * @param least the smallest class of a training example; of values, 0
 * @param largest the largest one; below {@code least} when there is none
 * @param bad why rows are no examples, of the first ones
 */
@DefaultSerializer(JavaSerializer.class)
public record Count(long[] parts, long[] sum, int least, int largest, List<String> bad) implements Serializable {
    /** So many bad rows are told one by one. */
    public static final int TOLD = 1000;

    /** Of no rows. */
    public static final Count NONE = of(Collections.emptyIterator(), null);

    /** Why rows are no examples, of the first ones, and how many there are. */
    public record Bad(long rows, List<String> first) {

        /** What whoever asked is told of those that were left out; empty where there are none. */
        public Optional<String> note() {
            return rows == 0
                    ? Optional.empty()
                    : Optional.of(rows + " rows are no examples and left out, the first one: " + first.get(0));
        }
    }

    /** The rows that are no examples. */
    public Bad skipped() {
        return new Bad(parts[RowEncoder.BAD], bad);
    }

    /** Of a partition's blocks. */
    public static Count of(Iterator<PartBlock> blocks, ExampleFormat format) {
        long[] parts = new long[RowEncoder.TEST + 1];
        long[] sum = new long[4];
        int least = Integer.MAX_VALUE;
        int largest = Integer.MIN_VALUE;
        List<String> bad = new ArrayList<>();
        boolean classes = format != null && format.target().kind() == Target.Kind.CLASS;
        while (blocks.hasNext()) {
            PartBlock each = blocks.next();
            parts[each.part()] += each.block().size();
            for (int i = 0; i < each.block().size(); i++) {
                byte[] example = each.block().packed(each.block().first() + i);
                if (each.part() == RowEncoder.BAD) {
                    if (bad.size() < TOLD) {
                        bad.add(new String(example, StandardCharsets.UTF_8));
                    }
                    continue;
                }
                add(sum, RowKey.digest(each.keys()[i]));
                if (each.part() == RowEncoder.TRAINING) {
                    int label = classes ? ExampleFormat.classOf(example) : 0;
                    least = Math.min(least, label);
                    largest = Math.max(largest, label);
                }
            }
        }
        return new Count(parts, sum, least, largest, bad);
    }

    /** Of one partition after the other. */
    public Count plus(Count next) {
        long[] all = parts.clone();
        for (int i = 0; i < all.length; i++) {
            all[i] += next.parts[i];
        }
        long[] sums = sum.clone();
        add(sums, bytes(next.sum));
        return new Count(
                all,
                sums,
                Math.min(least, next.least),
                Math.max(largest, next.largest),
                Stream.concat(bad.stream(), next.bad.stream()).limit(TOLD).toList());
    }

    /** The digest of all examples, 32 bytes. */
    public byte[] digest() {
        return bytes(sum);
    }

    private static byte[] bytes(long[] sum) {
        ByteBuffer bytes = ByteBuffer.allocate(sum.length * Long.BYTES);
        for (long part : sum) {
            bytes.putLong(part);
        }
        return bytes.array();
    }

    private static void add(long[] sum, byte[] digest) {
        ByteBuffer bytes = ByteBuffer.wrap(digest);
        long carry = 0;
        for (int i = 0; i < sum.length; i++) {
            long value = bytes.getLong();
            long once = sum[i] + value;
            long twice = once + carry;
            carry = Long.compareUnsigned(once, value) < 0 || carry == 1 && twice == 0 ? 1 : 0;
            sum[i] = twice;
        }
    }
}
