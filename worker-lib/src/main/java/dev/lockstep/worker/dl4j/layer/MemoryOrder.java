package dev.lockstep.worker.dl4j.layer;

import java.util.Comparator;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The order in which the dimensions of an array lie in memory. What is computed value by value does not care about
 * shapes; it is done in this order, for ND4J too takes several times as long in any other.
 */
final class MemoryOrder {
    private final int[] outermostFirst;

    private MemoryOrder(int[] outermostFirst) {
        this.outermostFirst = outermostFirst;
    }

    static MemoryOrder of(INDArray array) {
        return new MemoryOrder(IntStream.range(0, array.rank())
                .boxed()
                .sorted(Comparator.comparingLong(dimension -> -array.stride(dimension)))
                .mapToInt(Integer::intValue)
                .toArray());
    }

    /** A view whose last dimension is the innermost one: ND4J's 'c', if the array has this order and no gaps. */
    INDArray lying(INDArray array) {
        return array.permute(outermostFirst);
    }

    /** Undoes {@link #lying}. */
    INDArray standing(INDArray lying) {
        int[] back = new int[outermostFirst.length];
        for (int i = 0; i < back.length; i++) {
            back[outermostFirst[i]] = i;
        }
        return lying.permute(back);
    }

    /** A float32 array of the same shape in this order, its values undefined. */
    INDArray createLike(INDArray shape, LayerWorkspaceMgr workspaces, ArrayType type) {
        return create(shape.shape(), workspaces, type);
    }

    /** The same of any shape of as many dimensions. */
    INDArray create(long[] shape, LayerWorkspaceMgr workspaces, ArrayType type) {
        long[] sizes = new long[outermostFirst.length];
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = shape[outermostFirst[i]];
        }
        return standing(workspaces.createUninitialized(type, DataType.FLOAT, sizes, 'c'));
    }

    /** How many values of an array in this order lie between two neighbours along a dimension, the first of them too. */
    long within(INDArray array, int dimension) {
        long values = 1;
        for (int i = outermostFirst.length - 1; outermostFirst[i] != dimension; i--) {
            values *= array.size(outermostFirst[i]);
        }
        return values;
    }

    /** A copy in this order. */
    INDArray copy(INDArray array, LayerWorkspaceMgr workspaces, ArrayType type) {
        INDArray copy = createLike(array, workspaces, type);
        if (isOf(array)) {
            ArrayMemory.of(copy).copy(0, ArrayMemory.of(array), 0, (int) array.length());
        } else if (TimeFirst.is(copy)) {
            TimeFirst.fill(copy, array);
        } else {
            lying(copy).assign(lying(array));
        }
        return copy;
    }

    /** The array itself where it is float32 in this order without gaps, a copy that is otherwise. */
    INDArray ensure(INDArray array, LayerWorkspaceMgr workspaces, ArrayType type) {
        return isOf(array) ? array : copy(array, workspaces, type);
    }

    private boolean isOf(INDArray array) {
        long stride = 1;
        for (int i = outermostFirst.length - 1; i >= 0; i--) {
            int dimension = outermostFirst[i];
            if (array.size(dimension) > 1 && array.stride(dimension) != stride) {
                return false;
            }
            stride *= array.size(dimension);
        }
        return array.dataType() == DataType.FLOAT;
    }
}
