package dev.lockstep.worker.source;

import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.ExampleFormat.Target;
import dev.lockstep.worker.seed.SplitMix64;
import java.util.Objects;
import java.util.stream.LongStream;

/**
 * A run of made-up examples, each made of its number alone.
 *
 * @param least value of a feature
 * @param below which features are
 * @param steps the most steps of a sequence
 * @param seed of the values
 * @param start the number of the first one
 */
public record GeneratedSplit(
        Rule rule, double least, double below, int steps, long seed, ExampleFormat format, long start, long size)
        implements Split {

    /** What made-up examples are. */
    public enum Rule {
        /** Vectors x of n numbers; value k is the sum over i of (n + 1 - i + k) x_i, i from 0. */
        LINEAR,
        /** Images of random bytes, of random classes. */
        IMAGES,
        /** Vectors in time, from 1 to {@code steps} of them; the class is the feature with the largest mean. */
        SEQUENCES
    }

    @Override
    public Block read(long from, long to) {
        Objects.checkFromToIndex(from, to, size);
        return Block.of(
                from,
                LongStream.range(from, to).mapToObj(i -> example(start + i)).toList());
    }

    private byte[] example(long number) {
        SplitMix64 random = new SplitMix64(new SplitMix64(seed).nextLong() + number);
        return switch (rule) {
            case LINEAR -> linear(random);
            case IMAGES -> image(random);
            case SEQUENCES -> sequence(random);
        };
    }

    private byte[] linear(SplitMix64 random) {
        float[] x = new float[format.features().size()];
        float[] values = new float[format.target().values()];
        for (int i = 0; i < x.length; i++) {
            x[i] = drawn(random);
            for (int k = 0; k < values.length; k++) {
                values[k] += (x.length + 1 - i + k) * x[i];
            }
        }
        return format.pack(x, values);
    }

    private byte[] image(SplitMix64 random) {
        byte[] values = new byte[format.features().size()];
        int label = (int) random.nextLong(format.target().values());
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) random.nextLong();
        }
        return format.pack(label, values, 0);
    }

    private byte[] sequence(SplitMix64 random) {
        int width = format.features().size();
        Target target = format.target();
        int length = 1 + (int) random.nextLong(steps);
        float[] values = new float[length * width];
        float[] sums = new float[target.values()];
        for (int i = 0; i < values.length; i++) {
            values[i] = drawn(random);
            if (i % width < sums.length) {
                sums[i % width] += values[i];
            }
        }
        int largest = 0;
        for (int k = 1; k < sums.length; k++) {
            largest = sums[k] > sums[largest] ? k : largest;
        }
        return format.pack(values, new float[] {largest});
    }

    private float drawn(SplitMix64 random) {
        return (float) (least + (below - least) * random.nextDouble());
    }
}
