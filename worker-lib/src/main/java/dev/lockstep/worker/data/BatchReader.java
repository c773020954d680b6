package dev.lockstep.worker.data;

import dev.lockstep.worker.augment.Augmentation;
import dev.lockstep.worker.augment.Examples;
import dev.lockstep.worker.network.Shape;
import dev.lockstep.worker.seed.SplitMix64;
import java.util.Arrays;
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
     * @param labels {@code [n, classes]}, one-hot but for what mix-up mixed
     */
    public record Batch(INDArray features, INDArray labels) {}

    private final Shape shape;
    private final int classes;
    private final Map<Integer, Batch> arrays = new HashMap<>();
    private float[] values = new float[0];
    private float[] labels = new float[0];

    public BatchReader(Shape shape, int classes) {
        this.shape = shape;
        this.classes = classes;
    }

    /** @param examples at least one, each as {@link ExampleBlock#packed} made it */
    public Batch read(List<byte[]> examples) {
        return read(examples, List.of(), 0);
    }

    /**
     * The same for training.
     *
     * @param augmentations applied one after the other
     * @param seed from the seed law, purpose AUGMENTATION
     */
    public Batch read(List<byte[]> examples, List<Augmentation> augmentations, long seed) {
        int count = examples.size();
        int size = shape.size();
        if (values.length < count * size) {
            values = new float[count * size];
            labels = new float[count * classes];
        }
        Arrays.fill(labels, 0, count * classes, 0f);
        for (int example = 0; example < count; example++) {
            byte[] packed = examples.get(example);
            for (int i = 0, to = example * size; i < size; i++, to++) {
                values[to] = SCALED[packed[Integer.BYTES + i] & 0xff];
            }
            labels[example * classes + ExampleBlock.label(packed)] = 1f;
        }
        SplitMix64 random = new SplitMix64(seed);
        for (Augmentation augmentation : augmentations) {
            augmentation.apply(
                    new Examples(
                            count,
                            shape.channels(),
                            Math.max(1, shape.height()),
                            Math.max(1, shape.width()),
                            classes,
                            values,
                            labels),
                    random);
        }
        Batch batch = arrays.computeIfAbsent(count, this::allocate);
        write(batch.features(), values, count * size);
        write(batch.labels(), labels, count * classes);
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
