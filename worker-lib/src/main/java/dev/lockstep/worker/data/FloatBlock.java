package dev.lockstep.worker.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Examples of any values and any labels, as {@link dev.lockstep.worker.model.Encoding#FLOATS} has them.
 *
 * @param first the index of the first example in the data set, from 0
 * @param examples {@code [examples][4 * (values + outputs)]}
 */
public record FloatBlock(long first, byte[][] examples) implements Block {

    /** Packs one example from rows of two arrays. */
    public static byte[] pack(float[] values, int valuesAt, int size, float[] labels, int labelsAt, int outputs) {
        ByteBuffer packed = ByteBuffer.allocate(Float.BYTES * (size + outputs)).order(ByteOrder.LITTLE_ENDIAN);
        packed.asFloatBuffer().put(values, valuesAt, size).put(labels, labelsAt, outputs);
        return packed.array();
    }

    @Override
    public boolean contains(long index) {
        return index >= first && index < first + examples.length;
    }

    @Override
    public byte[] packed(long index) {
        return examples[Math.toIntExact(index - first)];
    }
}
