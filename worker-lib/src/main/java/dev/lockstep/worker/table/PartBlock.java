package dev.lockstep.worker.table;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import dev.lockstep.worker.data.Block;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.Row;

/**
 * Consecutive examples of one part of a table, in order.
 *
 * @param part as {@link RowEncoder#TRAINING}
 * @param block numbered from the first one of the part in the partition of the RDD
 * @param keys what each is sorted by
 */
@DefaultSerializer(JavaSerializer.class)
public record PartBlock(int part, Block block, byte[][] keys) implements Serializable {
    private static final int BYTES = 8 << 20;

    /** Of rows as {@link RowEncoder} makes them, in order; of bad ones too. */
    public static Iterator<PartBlock> of(Iterator<Row> sorted) {
        return new Iterator<>() {
            private final long[] seen = new long[RowEncoder.TEST + 1];
            private Row next = sorted.hasNext() ? sorted.next() : null;

            @Override
            public boolean hasNext() {
                return next != null;
            }

            @Override
            public PartBlock next() {
                int part = part(next);
                List<byte[]> examples = new ArrayList<>();
                List<byte[]> keys = new ArrayList<>();
                for (long bytes = 0; next != null && part(next) == part && bytes < BYTES; ) {
                    byte[] example = next.getAs(1);
                    bytes += example.length;
                    examples.add(example);
                    keys.add(next.getAs(0));
                    next = sorted.hasNext() ? sorted.next() : null;
                }
                long first = seen[part];
                seen[part] += examples.size();
                return new PartBlock(part, Block.of(first, examples), keys.toArray(byte[][]::new));
            }
        };
    }

    private static int part(Row row) {
        return row.<byte[]>getAs(0)[0];
    }
}
