package dev.lockstep.worker.dl4j;

import dev.lockstep.worker.model.Batch;
import dev.lockstep.worker.model.Shape;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Batches as ND4J's arrays. The arrays are used again: what a call returns is valid until the next call for the same number
 * of examples. Not for several threads.
 */
public final class BatchArrays {
    private final Map<Integer, Pair> arrays = new HashMap<>();

    /**
     * @param features {@code [n, channels, height, width]} or {@code [n, length]}
     * @param labels {@code [n, targets]}
     */
    public record Pair(INDArray features, INDArray labels) {}

    public Pair of(Batch batch) {
        Pair pair = arrays.computeIfAbsent(batch.examples(), count -> allocate(batch));
        write(pair.features(), batch.features());
        write(pair.labels(), batch.labels());
        return pair;
    }

    private static Pair allocate(Batch batch) {
        Shape shape = batch.input();
        int count = batch.examples();
        long[] dimensions = shape.isImage()
                ? new long[] {count, shape.channels(), shape.height(), shape.width()}
                : new long[] {count, shape.size()};
        return new Pair(
                Nd4j.createUninitializedDetached(DataType.FLOAT, dimensions),
                Nd4j.createUninitializedDetached(DataType.FLOAT, count, batch.targets()));
    }

    private static void write(INDArray array, float[] values) {
        new FloatPointer(array.data().addressPointer()).put(values, 0, Math.toIntExact(array.length()));
    }
}
