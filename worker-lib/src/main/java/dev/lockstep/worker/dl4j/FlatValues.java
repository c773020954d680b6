package dev.lockstep.worker.dl4j;

import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The values of DL4J's flat float32 arrays {@code [1, n]}, to and from the heap. */
public final class FlatValues {
    /** At a time: JavaCPP may hold a copy of an array while it copies it. */
    private static final int PIECE = 1 << 24;

    private FlatValues() {}

    public static float[] read(INDArray array) {
        float[] values = new float[Math.toIntExact(array.length())];
        read(array, values, 0);
        return values;
    }

    /** @param at where the first value goes */
    public static void read(INDArray array, float[] into, int at) {
        FloatPointer from = new FloatPointer(array.data().addressPointer());
        long start = from.position();
        int length = Math.toIntExact(array.length());
        for (int done = 0, count; done < length; done += count) {
            count = Math.min(PIECE, length - done);
            from.position(start + done).get(into, at + done, count);
        }
    }

    /** @throws IllegalArgumentException when it is not as many values */
    public static void write(INDArray array, float[] values) {
        if (values.length != array.length()) {
            throw new IllegalArgumentException(
                    "the network has " + array.length() + " values here, given are " + values.length);
        }
        write(array, values, 0, values.length);
    }

    /** Writes elements {@code [from, to)} to the same places of a flat array. */
    static void write(INDArray array, float[] values, int from, int to) {
        FloatPointer into = new FloatPointer(array.data().addressPointer());
        long start = into.position();
        for (int done = from, count; done < to; done += count) {
            count = Math.min(PIECE, to - done);
            into.position(start + done).put(values, done, count);
        }
    }
}
