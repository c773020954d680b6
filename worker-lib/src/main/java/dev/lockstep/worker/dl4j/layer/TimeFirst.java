package dev.lockstep.worker.dl4j.layer;

import dev.lockstep.worker.math.NativeFloats;
import dev.lockstep.worker.math.Sequences;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The memory order our sequence layers hand to each other: arrays of DL4J's shape [batch, channels, time] whose memory is
 * ordered time, batch, channels. ND4J's strides describe it, so DL4J's own layers read it too. A step is one block, and all
 * steps are a matrix [time * batch, channels] without moving a value.
 */
final class TimeFirst {
    private static final int CACHE_LINE = 16; // values

    private TimeFirst() {}

    /** An array with undefined values. */
    static INDArray create(LayerWorkspaceMgr workspaces, ArrayType type, long batch, long channels, long time) {
        return workspaces
                .createUninitialized(type, DataType.FLOAT, new long[] {time, batch, channels}, 'c')
                .permute(1, 2, 0);
    }

    /** Whether an array of sequences has the order already. */
    static boolean is(INDArray array) {
        if (array.rank() != 3) {
            return false;
        }
        long stride = 1;
        for (int dimension : new int[] {1, 0, 2}) {
            if (array.size(dimension) > 1 && array.stride(dimension) != stride) {
                return false;
            }
            stride *= array.size(dimension);
        }
        return array.dataType() == DataType.FLOAT;
    }

    /** The array itself where it has the order already, a copy in it otherwise. */
    static INDArray of(INDArray array, LayerWorkspaceMgr workspaces, ArrayType type) {
        if (is(array)) {
            return array;
        }
        INDArray copy = create(workspaces, type, array.size(0), array.size(1), array.size(2));
        fill(copy, array);
        return copy;
    }

    /**
     * Copies all values.
     *
     * @param to in this order
     * @param from of the same shape, in any
     */
    static void fill(INDArray to, INDArray from) {
        boolean asShaped = ArrayMemory.isDense(from)
                && from.stride(2) == 1
                && from.stride(1) == from.size(2)
                && from.stride(0) == from.size(1) * from.size(2);
        if (!asShaped) {
            to.assign(from);
            return;
        }
        int examples = (int) from.size(0);
        int channels = (int) from.size(1);
        int steps = (int) from.size(2);
        NativeFloats source = ArrayMemory.of(from);
        NativeFloats target = ArrayMemory.of(to);
        float[] values = new float[channels * steps];
        float[] turned = new float[values.length];
        for (int n = 0; n < examples; n++) {
            source.read(n * values.length, values, 0, values.length);
            turn(values, turned, channels, steps);
            for (int t = 0; t < steps; t++) {
                target.write((t * examples + n) * channels, turned, t * channels, channels);
            }
        }
    }

    /** From {@code [channels][steps]} to {@code [steps][channels]}; a few channels at a time, for a cache holds no more lines. */
    private static void turn(float[] values, float[] turned, int channels, int steps) {
        for (int first = 0; first < channels; first += CACHE_LINE) {
            int end = Math.min(channels, first + CACHE_LINE);
            for (int t = 0; t < steps; t++) {
                for (int c = first; c < end; c++) {
                    turned[t * channels + c] = values[c * steps + t];
                }
            }
        }
    }

    /** All vectors of all steps, [time * batch, channels] in memory; a view. */
    static INDArray rows(INDArray array) {
        return array.permute(2, 0, 1).reshape('c', array.size(2) * array.size(0), array.size(1));
    }

    /** The inverse of {@link #rows}. */
    static INDArray standing(INDArray rows, long batch) {
        return rows.reshape('c', rows.size(0) / batch, batch, rows.size(1)).permute(1, 2, 0);
    }

    /**
     * @param array in this order
     * @param mask [batch, time], ones and then zeros; null where all sequences are as long
     * @throws IllegalArgumentException when the mask is another
     */
    static Sequences sequences(INDArray array, INDArray mask) {
        int examples = (int) array.size(0);
        int steps = (int) array.size(2);
        int[] lengths = mask == null ? Sequences.full(steps, examples) : lengths(mask, examples, steps);
        return new Sequences(ArrayMemory.of(array), steps, (int) array.size(1), lengths);
    }

    private static int[] lengths(INDArray mask, int examples, int steps) {
        float[] inside = ArrayMemory.rowByRow(mask);
        if (inside.length != examples * steps) {
            throw new IllegalArgumentException("a mask of " + inside.length + " values for " + examples
                    + " sequences of " + steps + " steps; expected one for each step");
        }
        int[] lengths = new int[examples];
        for (int n = 0; n < examples; n++) {
            int length = 0;
            for (int t = 0; t < steps; t++) {
                if (inside[n * steps + t] != 0) {
                    if (length != t) {
                        throw new IllegalArgumentException("the mask of sequence " + n + " has a gap before step " + t
                                + "; expected ones, then zeros");
                    }
                    length++;
                }
            }
            if (length == 0) {
                throw new IllegalArgumentException("the mask of sequence " + n + " covers all of it; expected a step");
            }
            lengths[n] = length;
        }
        return lengths;
    }
}
