package dev.lockstep.worker.dl4j;

import dev.lockstep.worker.model.Batch;
import dev.lockstep.worker.model.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Batches as ND4J's arrays. The arrays are used again: what a call returns is valid until the next call for as many examples
 * and steps. Not for several threads.
 */
public final class BatchArrays {
    /** Sequences come in many lengths. */
    private static final int KEPT = 16;

    private final Map<Size, Pair> arrays = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Size, Pair> eldest) {
            return size() > KEPT;
        }
    };

    /**
     * @param features {@code [n, channels, height, width]}, {@code [n, length]} or {@code [n, length, steps]}
     * @param labels {@code [n, targets]}, or {@code [n, targets, steps]}
     * @param mask of sequences {@code [n, steps]}; null where there is no time
     */
    public record Pair(INDArray features, INDArray labels, INDArray mask) {}

    private record Size(int examples, int steps) {}

    public Pair of(Batch batch) {
        Pair pair = arrays.computeIfAbsent(new Size(batch.examples(), batch.steps()), any -> allocate(batch));
        write(pair.features(), batch.features());
        write(pair.labels(), batch.labels());
        if (batch.mask() != null) {
            write(pair.mask(), batch.mask());
        }
        return pair;
    }

    private static Pair allocate(Batch batch) {
        Shape shape = batch.input();
        int count = batch.examples();
        long[] dimensions;
        if (shape.isImage()) {
            dimensions = new long[] {count, shape.channels(), shape.height(), shape.width()};
        } else if (shape.hasTime()) {
            dimensions = new long[] {count, shape.size(), batch.steps()};
        } else {
            dimensions = new long[] {count, shape.size()};
        }
        return new Pair(
                Nd4j.createUninitializedDetached(DataType.FLOAT, dimensions),
                batch.everyStep()
                        ? Nd4j.createUninitializedDetached(DataType.FLOAT, count, batch.targets(), batch.steps())
                        : Nd4j.createUninitializedDetached(DataType.FLOAT, count, batch.targets()),
                batch.mask() == null ? null : Nd4j.createUninitializedDetached(DataType.FLOAT, count, batch.steps()));
    }

    private static void write(INDArray array, float[] values) {
        new FloatPointer(array.data().addressPointer()).put(values, 0, Math.toIntExact(array.length()));
    }
}
