package dev.lockstep.worker.step;

import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Made-up examples, and the arrays they mean, for tests. */
final class Examples {
    private Examples() {}

    /** One packed example. */
    static byte[] packed(int label, int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return Block.of(ExampleFormat.bytes(Shape.vector(values.length), 1 << 20), 0, new int[] {label}, bytes)
                .packed(0);
    }

    /** The same example with a weight, which is behind its class. */
    static byte[] weighing(byte[] packed, float weight) {
        return ByteBuffer.allocate(packed.length + Float.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(packed, 0, Integer.BYTES)
                .putFloat(weight)
                .put(packed, Integer.BYTES, packed.length - Integer.BYTES)
                .array();
    }

    /** Noise with a class-dependent brightness, so that something can be learnt. */
    static List<byte[]> random(Shape shape, int classes, int count, long seed) {
        Random random = new Random(seed);
        List<byte[]> examples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int label = random.nextInt(classes);
            int[] values = new int[shape.size()];
            for (int j = 0; j < values.length; j++) {
                values[j] = Math.min(255, random.nextInt(200) + (j % classes == label ? 55 : 0));
            }
            examples.add(packed(label, values));
        }
        return examples;
    }

    /** What a network should be given, computed the plain way. */
    static INDArray features(Shape shape, List<byte[]> examples) {
        float[] values = new float[examples.size() * shape.size()];
        for (int i = 0; i < examples.size(); i++) {
            for (int j = 0; j < shape.size(); j++) {
                values[i * shape.size() + j] = (examples.get(i)[4 + j] & 0xff) / 255f;
            }
        }
        INDArray flat = Nd4j.createFromArray(values);
        return shape.isImage()
                ? flat.reshape(examples.size(), shape.channels(), shape.height(), shape.width())
                : flat.reshape(examples.size(), shape.size());
    }

    /** One-hot. */
    static INDArray labels(int classes, List<byte[]> examples) {
        float[][] labels = new float[examples.size()][classes];
        for (int i = 0; i < labels.length; i++) {
            labels[i][ExampleFormat.classOf(examples.get(i))] = 1;
        }
        return Nd4j.createFromArray(labels);
    }
}
