package dev.lockstep.worker.dl4j;

import dev.lockstep.worker.model.Batch;
import dev.lockstep.worker.model.Shape;
import java.util.Arrays;
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
     * @param labelMask where there is something to be told at every step, the steps at which there is, {@code [n, steps]}; else null
     */
    public record Pair(INDArray features, INDArray labels, INDArray mask, INDArray labelMask) {}

    private record Size(int examples, int steps) {}

    public Pair of(Batch batch) {
        Pair pair = arrays.computeIfAbsent(new Size(batch.examples(), batch.steps()), any -> allocate(batch));
        write(pair.features(), batch.features());
        write(pair.labels(), batch.labels());
        if (batch.mask() != null) {
            write(pair.mask(), batch.mask());
        }
        if (batch.leadIn() != null) {
            write(pair.labelMask(), labelMask(batch));
        }
        return pair;
    }

    /** The mask without the steps that lead in. */
    private static float[] labelMask(Batch batch) {
        float[] labelMask = Arrays.copyOf(batch.mask(), batch.examples() * batch.steps());
        for (int n = 0; n < batch.examples(); n++) {
            Arrays.fill(labelMask, n * batch.steps(), n * batch.steps() + batch.begin(n), 0f);
        }
        return labelMask;
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
        INDArray mask = batch.mask() == null ? null : mask(batch);
        return new Pair(
                Nd4j.createUninitializedDetached(DataType.FLOAT, dimensions),
                batch.everyStep()
                        ? Nd4j.createUninitializedDetached(DataType.FLOAT, count, batch.targets(), batch.steps())
                        : Nd4j.createUninitializedDetached(DataType.FLOAT, count, batch.targets()),
                mask,
                !batch.everyStep() ? null : batch.leadIn() == null ? mask : mask(batch));
    }

    private static INDArray mask(Batch batch) {
        return Nd4j.createUninitializedDetached(DataType.FLOAT, batch.examples(), batch.steps());
    }

    private static void write(INDArray array, float[] values) {
        new FloatPointer(array.data().addressPointer()).put(values, 0, Math.toIntExact(array.length()));
    }
}
