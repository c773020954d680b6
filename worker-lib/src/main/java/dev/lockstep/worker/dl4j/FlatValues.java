package dev.lockstep.worker.dl4j;

import dev.lockstep.worker.dl4j.layer.ArrayMemory;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
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

    /** Reads elements {@code [from, to)} of a flat array to the same places. */
    static void read(INDArray array, float[] into, int from, int to) {
        FloatPointer values = new FloatPointer(array.data().addressPointer());
        long start = values.position();
        for (int done = from, count; done < to; done += count) {
            count = Math.min(PIECE, to - done);
            values.position(start + done).get(into, done, count);
        }
    }

    /** Copies elements {@code [from, to)} of a flat array to the same places of another. */
    static void copy(INDArray array, INDArray into, int from, int to) {
        Pointer source = ArrayMemory.part(array, from, to).data().addressPointer();
        Pointer target = ArrayMemory.part(into, from, to).data().addressPointer();
        Pointer.memcpy(target, source, (long) (to - from) * Float.BYTES);
    }

    /** Writes {@code count} values to elements of a flat array. */
    static void write(INDArray array, int to, float[] values, int from, int count) {
        FloatPointer into = new FloatPointer(array.data().addressPointer());
        long start = into.position();
        for (int done = 0, some; done < count; done += some) {
            some = Math.min(PIECE, count - done);
            into.position(start + to + done).put(values, from + done, some);
        }
    }

    /** Writes elements {@code [from, to)} to the same places of a flat array. */
    static void write(INDArray array, float[] values, int from, int to) {
        write(array, from, values, from, to - from);
    }
}
