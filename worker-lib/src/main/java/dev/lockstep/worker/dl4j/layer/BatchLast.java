package dev.lockstep.worker.dl4j.layer;

import dev.lockstep.worker.math.NativeFloats;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The memory order our image layers hand to each other: arrays of DL4J's shape [batch, channels, height, width] whose
 * memory is ordered channels, height, width, batch. ND4J's strides describe it, so DL4J's own layers read it too. The
 * examples of one pixel lie side by side: whatever a window reads is a long run, a channel is one block, and the
 * flattened image [batch, channels * height * width] is an 'f' matrix without moving a value.
 */
final class BatchLast {
    private BatchLast() {}

    /** An array with undefined values. */
    static INDArray create(LayerWorkspaceMgr workspaces, ArrayType type, long batch, long c, long h, long w) {
        return workspaces
                .createUninitialized(type, DataType.FLOAT, new long[] {c, h, w, batch}, 'c')
                .permute(3, 0, 1, 2);
    }

    static INDArray createLike(LayerWorkspaceMgr workspaces, ArrayType type, INDArray shape) {
        return create(workspaces, type, shape.size(0), shape.size(1), shape.size(2), shape.size(3));
    }

    static boolean is(INDArray array) {
        if (array.rank() != 4 || array.dataType() != DataType.FLOAT) {
            return false;
        }
        long stride = 1;
        for (int dimension : new int[] {0, 3, 2, 1}) {
            if (array.size(dimension) > 1 && array.stride(dimension) != stride) {
                return false;
            }
            stride *= array.size(dimension);
        }
        return true;
    }

    /** The array itself where it has the order already, a copy in it otherwise. */
    static INDArray of(INDArray array, LayerWorkspaceMgr workspaces, ArrayType type) {
        if (is(array)) {
            return array;
        }
        INDArray copy = createLike(workspaces, type, array);
        if (array.dataType() == DataType.FLOAT && isBatchFirst(array)) {
            int rows = (int) array.size(0);
            transpose(ArrayMemory.of(array), rows, (int) (array.length() / rows), ArrayMemory.of(copy));
        } else {
            copy.assign(array);
        }
        return copy;
    }

    /** A copy whose memory is ordered as the shape is; a new array, in any case. */
    static INDArray batchFirst(INDArray array, LayerWorkspaceMgr workspaces, ArrayType type) {
        INDArray copy = workspaces.createUninitialized(type, DataType.FLOAT, array.shape(), 'c');
        if (is(array)) {
            int columns = (int) array.size(0);
            transpose(ArrayMemory.of(array), (int) (array.length() / columns), columns, ArrayMemory.of(copy));
        } else {
            copy.assign(array);
        }
        return copy;
    }

    /** A view [batch, channels, height, width] of an image whose shape has a layer's format. */
    static INDArray channelsFirst(INDArray image, CNN2DFormat format) {
        return format == CNN2DFormat.NHWC ? image.permute(0, 3, 1, 2) : image;
    }

    /** Undoes {@link #channelsFirst}. */
    static INDArray inFormat(INDArray image, CNN2DFormat format) {
        return format == CNN2DFormat.NHWC ? image.permute(0, 2, 3, 1) : image;
    }

    /** Batch-last images as vectors [batch, channels * height * width], which lie column by column; a view. */
    static INDArray flatten(INDArray images) {
        return images.permute(1, 2, 3, 0)
                .reshape('c', images.length() / images.size(0), images.size(0))
                .transpose();
    }

    /** Vectors as images; a view of vectors that lie column by column, and then batch-last. */
    static INDArray unflatten(INDArray vectors, long c, long h, long w) {
        return isByColumn(vectors)
                ? vectors.transpose().reshape('c', c, h, w, vectors.size(0)).permute(3, 0, 1, 2)
                : vectors.reshape('c', vectors.size(0), c, h, w);
    }

    /** Whether vectors [batch, length] lie column by column, without gaps. */
    static boolean isByColumn(INDArray vectors) {
        return vectors.rank() == 2 && ArrayMemory.isDense(vectors) && (vectors.size(0) == 1 || vectors.stride(0) == 1);
    }

    private static boolean isBatchFirst(INDArray array) {
        long stride = 1;
        for (int dimension = 3; dimension >= 0; dimension--) {
            if (array.size(dimension) > 1 && array.stride(dimension) != stride) {
                return false;
            }
            stride *= array.size(dimension);
        }
        return true;
    }

    /** Writes a row-major matrix [rows, columns] as [columns, rows]. */
    static void transpose(NativeFloats matrix, int rows, int columns, NativeFloats transposed) {
        int block = Math.max(1, Math.min(columns, 4096 / rows));
        float[] in = new float[block];
        float[] out = new float[block * rows];
        for (int from = 0; from < columns; from += block) {
            int count = Math.min(block, columns - from);
            for (int row = 0; row < rows; row++) {
                matrix.read(row * columns + from, in, 0, count);
                for (int i = 0, to = row; i < count; i++, to += rows) {
                    out[to] = in[i];
                }
            }
            transposed.write(from * rows, out, 0, count * rows);
        }
    }
}
