package dev.lockstep.worker.data;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import dev.lockstep.worker.model.ExampleFormat;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;

/**
 * A run of consecutive examples of a data set, packed as its {@link dev.lockstep.worker.model.ExampleFormat} says: what is
 * cached in memory and shuffled; the network's floats are made of it just before a shard is computed.
 *
 * @param first the index of the first example in the data set, from 0
 * @param ends where in {@code packed} each example ends, {@code [examples]}
 * @param packed one example after the other
 */
@DefaultSerializer(JavaSerializer.class)
public record Block(long first, int[] ends, byte[] packed) implements Serializable {

    /** Of examples one after the other, each packed. */
    public static Block of(long first, List<byte[]> examples) {
        int[] ends = new int[examples.size()];
        int end = 0;
        for (int i = 0; i < ends.length; i++) {
            end = Math.addExact(end, examples.get(i).length);
            ends[i] = end;
        }
        byte[] packed = new byte[end];
        for (int i = 0; i < ends.length; i++) {
            byte[] example = examples.get(i);
            System.arraycopy(example, 0, packed, ends[i] - example.length, example.length);
        }
        return new Block(first, ends, packed);
    }

    /**
     * Of bytes and classes.
     *
     * @param labels the class of each example, {@code [examples]}
     * @param values {@code [examples][features]}, one after the other
     */
    public static Block of(ExampleFormat format, long first, int[] labels, byte[] values) {
        int size = format.size();
        int features = format.features().size();
        if ((long) labels.length * features != values.length) {
            throw new IllegalArgumentException(labels.length + " examples of " + features + " values need "
                    + (long) labels.length * features + " bytes, found " + values.length);
        }
        int[] ends = new int[labels.length];
        byte[] packed = new byte[Math.multiplyExact(labels.length, size)];
        for (int i = 0; i < labels.length; i++) {
            System.arraycopy(format.pack(labels[i], values, i * features), 0, packed, i * size, size);
            ends[i] = (i + 1) * size;
        }
        return new Block(first, ends, packed);
    }

    /** The same examples, numbered from another one on. */
    public Block from(long number) {
        return new Block(number, ends, packed);
    }

    /** How many examples are in it. */
    public int size() {
        return ends.length;
    }

    /** Whether the example with this index in the data set is in the block. */
    public boolean contains(long index) {
        return index >= first && index < first + ends.length;
    }

    /** One example on its own. */
    public byte[] packed(long index) {
        int at = Math.toIntExact(index - first);
        return Arrays.copyOfRange(packed, at == 0 ? 0 : ends[at - 1], ends[at]);
    }
}
