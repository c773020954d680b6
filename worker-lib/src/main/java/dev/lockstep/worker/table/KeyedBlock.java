package dev.lockstep.worker.table;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.table.RowEncoder.Keyed;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.Row;

/**
 * Some rows of a table on their way to their place: encoded, each with its key.
 *
 * @param keys what each is sorted by
 * @param examples in the same order
 */
@DefaultSerializer(JavaSerializer.class)
public record KeyedBlock(Block keys, Block examples) implements Serializable {
    private static final int BYTES = 2 << 20;
    private static final int SAMPLED_BYTES = 1 << 20;

    /**
     * A key among those of a block.
     *
     * @param bytes of the rows that it stands for
     */
    @DefaultSerializer(JavaSerializer.class)
    public record Sample(byte[] key, long bytes) implements Serializable {}

    /** Of rows as they come. */
    public static Iterator<KeyedBlock> of(Iterator<Row> rows, RowEncoder encoder) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return rows.hasNext();
            }

            @Override
            public KeyedBlock next() {
                List<Keyed> encoded = new ArrayList<>();
                for (long bytes = 0; rows.hasNext() && bytes < BYTES; ) {
                    Keyed row = encoder.encoded(rows.next());
                    bytes += row.example().length;
                    encoded.add(row);
                }
                return of(encoded);
            }
        };
    }

    static KeyedBlock of(List<Keyed> rows) {
        return new KeyedBlock(
                Block.of(0, rows.stream().map(Keyed::key).toList()),
                Block.of(0, rows.stream().map(Keyed::example).toList()));
    }

    int size() {
        return keys.size();
    }

    byte[] key(int at) {
        return keys.packed(at);
    }

    byte[] example(int at) {
        return examples.packed(at);
    }

    /** Some of the keys, about one a MiB, for {@link KeyRanges} to be made of. */
    public List<Sample> samples() {
        int count = Math.min(size(), 1 + examples.packed().length / SAMPLED_BYTES);
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] key = key((int) ((2L * i + 1) * size() / (2L * count)));
            samples.add(new Sample(key, (examples.packed().length + keys.packed().length) / count));
        }
        return samples;
    }

    /** Where each row comes in the order of keys: their numbers, sorted. */
    Integer[] order() {
        Integer[] order = new Integer[size()];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, (one, other) -> compare(this, one, this, other));
        return order;
    }

    static int compare(KeyedBlock of, int one, KeyedBlock ofOther, int other) {
        return Arrays.compareUnsigned(
                of.keys.packed(),
                of.begin(one),
                of.keys.ends()[one],
                ofOther.keys.packed(),
                ofOther.begin(other),
                ofOther.keys.ends()[other]);
    }

    private int begin(int at) {
        return at == 0 ? 0 : keys.ends()[at - 1];
    }
}
