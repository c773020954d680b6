package dev.lockstep.worker.data;

import dev.lockstep.worker.augment.Augmentation;
import dev.lockstep.worker.augment.Examples;
import dev.lockstep.worker.network.Encoding;
import dev.lockstep.worker.network.NetworkDefinition;
import dev.lockstep.worker.network.Shape;
import dev.lockstep.worker.seed.SplitMix64;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Turns packed examples into the arrays a network takes; bytes are divided by 255. The arrays are reused: what a call
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
     * @param features {@code [n, channels, height, width]} or {@code [n, length]}, bytes in [0, 1]
     * @param labels {@code [n, classes]}, of classes one-hot but for what mix-up mixed
     */
    public record Batch(INDArray features, INDArray labels) {}

    private final Shape shape;
    private final int classes;
    private final Encoding encoding;
    private final Map<Integer, Batch> arrays = new HashMap<>();
    private float[] values = new float[0];
    private float[] labels = new float[0];

    /** Reads examples of bytes. */
    public BatchReader(Shape shape, int classes) {
        this(shape, classes, Encoding.BYTES);
    }

    /** Reads the examples of a network. */
    public BatchReader(NetworkDefinition network) {
        this(network.input(), network.classes(), network.encoding());
    }

    private BatchReader(Shape shape, int classes, Encoding encoding) {
        this.shape = shape;
        this.classes = classes;
        this.encoding = encoding;
    }

    /** @param examples at least one, each as {@link Block#packed} made it */
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
            read(examples.get(example), example * size, example * classes);
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

    /** Writes one example's values, and its labels into what is 0. */
    private void read(byte[] packed, int valuesAt, int labelsAt) {
        int size = shape.size();
        switch (encoding) {
            case BYTES -> {
                for (int i = 0; i < size; i++) {
                    values[valuesAt + i] = SCALED[packed[Integer.BYTES + i] & 0xff];
                }
                labels[labelsAt + ExampleBlock.label(packed)] = 1f;
            }
            case FLOATS ->
                ByteBuffer.wrap(packed)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .asFloatBuffer()
                        .get(values, valuesAt, size)
                        .get(labels, labelsAt, classes);
        }
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
