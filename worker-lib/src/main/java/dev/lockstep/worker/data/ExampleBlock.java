package dev.lockstep.worker.data;

import java.nio.ByteBuffer;

/**
 * A run of consecutive examples of a data set, packed as they are stored: one unsigned byte a value. This is what is
 * cached in memory and shuffled; floats are made of it just before a shard is computed.
 *
 * @param first the index of the first example in the data set, from 0
 * @param exampleSize values (bytes) an example
 * @param labels the class of each example, {@code [examples]}
 * @param values the values of all examples, one example after the other, {@code [examples * exampleSize]}
 */
public record ExampleBlock(long first, int exampleSize, int[] labels, byte[] values) implements Block {

    public ExampleBlock {
        if ((long) labels.length * exampleSize != values.length) {
            throw new IllegalArgumentException(labels.length + " examples of " + exampleSize + " values need "
                    + (long) labels.length * exampleSize + " bytes, found " + values.length);
        }
    }

    public int size() {
        return labels.length;
    }

    @Override
    public boolean contains(long index) {
        return index >= first && index < first + labels.length;
    }

    @Override
    public byte[] packed(long index) {
        int at = Math.toIntExact(index - first);
        byte[] packed = new byte[Integer.BYTES + exampleSize];
        ByteBuffer.wrap(packed).putInt(labels[at]).put(values, at * exampleSize, exampleSize);
        return packed;
    }

    /** The label of a packed example. */
    public static int label(byte[] packed) {
        return ByteBuffer.wrap(packed).getInt();
    }
}
