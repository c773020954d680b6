package dev.lockstep.worker.data;

import dev.lockstep.worker.augment.Augmentation;
import dev.lockstep.worker.augment.Examples;
import dev.lockstep.worker.model.Batch;
import dev.lockstep.worker.model.Encoding;
import dev.lockstep.worker.model.NetworkDefinition;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.seed.SplitMix64;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * Turns packed examples into the values a network takes; bytes are divided by 255. The arrays are reused: what a call
 * returns is valid until the next call. Not for several threads.
 */
public final class BatchReader {
    private static final float[] SCALED = new float[256];

    static {
        for (int value = 0; value < SCALED.length; value++) {
            SCALED[value] = value / 255f;
        }
    }

    private final Shape shape;
    private final int classes;
    private final Encoding encoding;
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
        return new Batch(count, shape, classes, values, labels);
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
}
