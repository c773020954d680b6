package dev.lockstep.worker.dl4j.layer;

import dev.lockstep.worker.math.NativeFloats;
import java.util.Objects;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** The memory that ND4J's arrays lie in. */
public final class ArrayMemory {
    private ArrayMemory() {}

    /**
     * The values of an array, in memory order.
     *
     * @throws IllegalArgumentException when the array has gaps (its values are not one run of memory) or is not float32
     */
    public static NativeFloats of(INDArray array) {
        return of(array, 0, array.length());
    }

    /** The same of a part of it. */
    public static NativeFloats of(INDArray array, long from, long length) {
        Objects.checkFromIndexSize(from, length, array.length());
        if (!isDense(array)) {
            throw new IllegalArgumentException("needs float32 values without gaps, has " + array.shapeInfoToString());
        }
        checkExtent(array.data(), array.length());
        return NativeFloats.at(new FloatPointer(array.data().addressPointer()), from, length, array);
    }

    /** An array is as long as it says only if its buffer, perhaps a piece of a larger one, goes on for as long. */
    public static void checkExtent(DataBuffer buffer, long length) {
        Objects.checkFromIndexSize(buffer.offset(), length, buffer.underlyingLength());
    }

    /** Elements {@code [from, to)} of a flat array, whose memory it shares. */
    public static INDArray part(INDArray flat, long from, long to) {
        return flat.reshape(1, flat.length()).get(NDArrayIndex.interval(0, 0, true), NDArrayIndex.interval(from, to));
    }

    /** Whether the values of a float32 array fill one run of memory, in whatever order. */
    public static boolean isDense(INDArray array) {
        long last = 0;
        for (int dimension = 0; dimension < array.rank(); dimension++) {
            long size = array.size(dimension);
            if (size > 1) {
                last += (size - 1) * array.stride(dimension);
            }
        }
        return array.dataType() == DataType.FLOAT && last == array.length() - 1;
    }

    /** The values of a matrix, without a copy by ND4J where they lie so: that costs more than a small network's layer. */
    public static float[] rowByRow(INDArray matrix) {
        boolean lies = matrix.rank() == 2 && isDense(matrix) && (matrix.size(1) == 1 || matrix.stride(1) == 1);
        if (!lies) {
            return matrix.dup('c').data().asFloat();
        }
        NativeFloats memory = of(matrix);
        float[] values = new float[memory.length()];
        memory.read(0, values, 0, values.length);
        return values;
    }
}
