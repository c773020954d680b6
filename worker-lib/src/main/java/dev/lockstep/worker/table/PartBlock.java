package dev.lockstep.worker.table;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import dev.lockstep.worker.data.Block;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;

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

    /** A row among those that are to be sorted. */
    private record Place(KeyedBlock block, int at) implements Comparable<Place> {
        @Override
        public int compareTo(Place other) {
            return KeyedBlock.compare(block, at, other.block, other.at);
        }

        int part() {
            return block.key(at)[0];
        }
    }

    /** Of all rows in a range of keys, each piece of which is in order; of bad ones too. */
    public static Iterator<PartBlock> of(Iterator<KeyedBlock> pieces) {
        List<Place> places = new ArrayList<>();
        pieces.forEachRemaining(
                piece -> IntStream.range(0, piece.size()).forEach(at -> places.add(new Place(piece, at))));
        Collections.sort(places);
        return new Iterator<>() {
            private final long[] seen = new long[RowEncoder.TEST + 1];
            private int next;

            @Override
            public boolean hasNext() {
                return next < places.size();
            }

            @Override
            public PartBlock next() {
                int part = places.get(next).part();
                List<byte[]> examples = new ArrayList<>();
                List<byte[]> keys = new ArrayList<>();
                for (long bytes = 0; hasNext() && places.get(next).part() == part && bytes < BYTES; next++) {
                    Place place = places.get(next);
                    byte[] example = place.block().example(place.at());
                    bytes += example.length;
                    examples.add(example);
                    keys.add(place.block().key(place.at()));
                }
                long first = seen[part];
                seen[part] += examples.size();
                return new PartBlock(part, Block.of(first, examples), keys.toArray(byte[][]::new));
            }
        };
    }
}
