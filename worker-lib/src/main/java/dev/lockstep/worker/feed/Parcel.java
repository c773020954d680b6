package dev.lockstep.worker.feed;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import dev.lockstep.worker.data.Block;
import java.io.ByteArrayOutputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Some examples on their way to a task, in one record: Java's serialization takes longer for an object than for its bytes.
 *
 * @param partition of the shuffle
 * @param places of the examples, ascending
 * @param ends where in {@code packed} each example ends, {@code [examples]}
 */
@DefaultSerializer(JavaSerializer.class)
public record Parcel(int partition, long[] places, int[] ends, byte[] packed) implements Serializable {
    private static final int EXAMPLES = 256;
    private static final int BYTES = 4 << 20;

    /** What a block has for each partition. */
    static Iterator<Parcel> of(Block block, Chunks chunks) {
        Map<Integer, Map<Long, byte[]>> open = new TreeMap<>();
        List<Parcel> closed = new ArrayList<>();
        chunks.placement().forEach(block.first(), block.first() + block.size(), (place, example) -> {
            int partition = chunks.partition(place);
            Map<Long, byte[]> examples = open.computeIfAbsent(partition, any -> new TreeMap<>());
            byte[] placed = block.packed(example);
            examples.put(place, placed);
            if (examples.size() == most(placed.length)) {
                closed.add(of(partition, open.remove(partition)));
            }
        });
        open.forEach((partition, examples) -> closed.add(of(partition, examples)));
        return closed.iterator();
    }

    /** How many examples of a size make a full parcel. */
    private static int most(int bytesAnExample) {
        return Math.max(1, Math.min(EXAMPLES, BYTES / bytesAnExample));
    }

    private static Parcel of(int partition, Map<Long, byte[]> examples) {
        int[] ends = new int[examples.size()];
        int count = 0;
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        for (byte[] example : examples.values()) {
            packed.writeBytes(example);
            ends[count++] = packed.size();
        }
        return new Parcel(partition, placesOf(examples), ends, packed.toByteArray());
    }

    void unpack(Map<Long, byte[]> into) {
        for (int i = 0; i < places.length; i++) {
            into.put(places[i], Arrays.copyOfRange(packed, i == 0 ? 0 : ends[i - 1], ends[i]));
        }
    }

    static long[] placesOf(Map<Long, byte[]> examples) {
        return examples.keySet().stream().mapToLong(Long::longValue).toArray();
    }
}
