package dev.lockstep.worker.data;

import dev.lockstep.worker.network.Shape;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Turns packed examples into the arrays a network takes, values divided by 255. The arrays are reused: what a call
 * returns is valid until the next call for the same number of examples. Not for several threads.
 */
public final class BatchReader {
    private static final float[] SCALED = new float[256];

    static {
        for (int value = 0; value < SCALED.length; value++) {
            SCALED[value] = value / 255f;
        }
    }

    /**
     * @param features {@code [n, channels, height, width]} or {@code [n, length]}, values in [0, 1]
     * @param labels {@code [n, classes]}, one-hot
     */
    public record Batch(INDArray features, INDArray labels) {}

    private final Shape shape;
    private final int classes;
    private final Map<Integer, Batch> arrays = new HashMap<>();
    private float[] buffer = new float[0];

    public BatchReader(Shape shape, int classes) {
        this.shape = shape;
        this.classes = classes;
    }

    /** @param examples at least one, each as {@link ExampleBlock#packed} made it */
    public Batch read(List<byte[]> examples) {
        int count = examples.size();
        int size = shape.size();
        Batch batch = arrays.computeIfAbsent(count, this::allocate);
        if (buffer.length < count * Math.max(size, classes)) {
            buffer = new float[count * Math.max(size, classes)];
        }
        for (int example = 0; example < count; example++) {
            byte[] packed = examples.get(example);
            for (int i = 0, to = example * size; i < size; i++, to++) {
                buffer[to] = SCALED[packed[Integer.BYTES + i] & 0xff];
            }
        }
        write(batch.features(), buffer, count * size);
        java.util.Arrays.fill(buffer, 0, count * classes, 0f);
        for (int example = 0; example < count; example++) {
            buffer[example * classes + ExampleBlock.label(examples.get(example))] = 1f;
        }
        write(batch.labels(), buffer, count * classes);
        return batch;
    }

    private Batch allocate(int count) {
        long[] dimensions = shape.isImage()
                ? new long[] {count, shape.channels(), shape.height(), shape.width()}
                : new long[] {count, shape.size()};
        return new Batch(
                Nd4j.createUninitializedDetached(DataType.FLOAT, dimensions),
                Nd4j.createUninitializedDetached(DataType.FLOAT, count, classes));
    }

    private static void write(INDArray array, float[] values, int length) {
        new FloatPointer(array.data().addressPointer()).put(values, 0, length);
    }
}
