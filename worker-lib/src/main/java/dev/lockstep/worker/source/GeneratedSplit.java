package dev.lockstep.worker.source;

import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.ExampleFormat.Target;
import dev.lockstep.worker.seed.SplitMix64;
import java.io.Serializable;
import java.util.List;
import java.util.Objects;
import java.util.function.IntBinaryOperator;
import java.util.stream.LongStream;

/**
 * A run of made-up examples, each made of its number alone.
 *
 * @param least value of a feature
 * @param below which features are
 * @param fewest steps of a sequence whose length is drawn
 * @param steps the most steps of a sequence
 * @param polynomial of that rule; else of no matter
 * @param seed of the values
 * @param all how many examples there are, of training and test
 * @param start the number of the first one
 */
public record GeneratedSplit(
        Rule rule,
        double least,
        double below,
        int fewest,
        int steps,
        Polynomial polynomial,
        long seed,
        ExampleFormat format,
        long all,
        long start,
        long size)
        implements Split {

    /** What made-up examples are. */
    public enum Rule {
        /** Vectors x of n numbers; value k is the sum over i of (n + 1 - i + k) x_i, i from 0. */
        LINEAR,
        /** Images of random bytes, of random classes. */
        IMAGES,
        /** Vectors in time, from {@code fewest} to {@code steps} of them; the class is the feature with the largest mean. */
        SEQUENCES,
        /**
         * Sums of two numbers below 2^({@code steps} - 1), bit by bit from the least: at each step a bit of both, and the bit of the
         * sum is to be told.
         */
        ADDITION,
        /**
         * Windows of a sine: {@code steps} values of sin from one point on, and the next one is to be told. The points go from
         * {@code least} to {@code below}, as many as all windows need.
         */
        SINE,
        /** The same windows of a sine; at each step the cosine of the same place is to be told. */
        SINE_TO_COSINE,
        /** Tokens drawn at random, from {@code fewest} to {@code steps} of them; each is to be told at its own step. */
        COPY,
        /** The same, to be told from the last to the first. */
        REVERSE,
        /**
         * From {@code fewest} to {@code steps} values of a tone: class k of n is a sine of 0.4 (k + 1) / n periods a step, of any
         * phase and a loudness from 0.5 to 1, with noise from {@code least} to {@code below}.
         */
        TONES,
        /** The powers x, x^2, ... of a number, and a polynomial of it with normal noise. */
        POLYNOMIAL,
        /** Pairs of bits, each in its turn, and whether one of them is 1. */
        OR,
        /** Whether both are. */
        AND,
        /** Whether just one is. */
        XOR
    }

    /**
     * A polynomial of one number.
     *
     * @param coefficients of the powers from 0 on
     * @param noise the standard deviation of what is added
     */
    public record Polynomial(List<Double> coefficients, double noise) implements Serializable {
        public Polynomial {
            coefficients = List.copyOf(coefficients);
        }
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
            case ADDITION -> addition(random);
            case SINE -> sine(number);
            case SINE_TO_COSINE -> sineToCosine(number);
            case COPY -> tokens(random, false);
            case REVERSE -> tokens(random, true);
            case TONES -> tone(random);
            case POLYNOMIAL -> polynomial(random);
            case OR -> bits(number, (a, b) -> a | b);
            case AND -> bits(number, (a, b) -> a & b);
            case XOR -> bits(number, (a, b) -> a ^ b);
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
        int length = length(random);
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

    private byte[] addition(SplitMix64 random) {
        long a = random.nextLong(1L << (steps - 1));
        long b = random.nextLong(1L << (steps - 1));
        float[] bits = new float[2 * steps];
        float[] sum = new float[steps];
        for (int t = 0; t < steps; t++) {
            bits[2 * t] = (a >> t) & 1;
            bits[2 * t + 1] = (b >> t) & 1;
            sum[t] = ((a + b) >> t) & 1;
        }
        return format.pack(bits, sum);
    }

    private byte[] sine(long number) {
        double distance = (below - least) / (all + steps - 1);
        float[] window = new float[steps];
        for (int t = 0; t < steps; t++) {
            window[t] = (float) StrictMath.sin(least + (number + t) * distance);
        }
        return format.pack(window, new float[] {(float) StrictMath.sin(least + (number + steps) * distance)});
    }

    private byte[] polynomial(SplitMix64 random) {
        double x = least + (below - least) * random.nextDouble();
        float[] powers = new float[format.features().size()];
        double power = 1;
        for (int i = 0; i < powers.length; i++) {
            power *= x;
            powers[i] = (float) power;
        }
        double value = 0;
        for (int i = polynomial.coefficients().size() - 1; i >= 0; i--) {
            value = value * x + polynomial.coefficients().get(i);
        }
        // Box and Muller 1958.
        double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - random.nextDouble()));
        double normal = radius * StrictMath.cos(2 * StrictMath.PI * random.nextDouble());
        return format.pack(powers, new float[] {(float) (value + polynomial.noise() * normal)});
    }

    private byte[] bits(long number, IntBinaryOperator rule) {
        int a = (int) (number >> 1 & 1);
        int b = (int) (number & 1);
        return format.pack(new float[] {a, b}, new float[] {rule.applyAsInt(a, b)});
    }

    private byte[] sineToCosine(long number) {
        double distance = (below - least) / (all + steps - 1);
        float[] sines = new float[steps];
        float[] cosines = new float[steps];
        for (int t = 0; t < steps; t++) {
            sines[t] = (float) StrictMath.sin(least + (number + t) * distance);
            cosines[t] = (float) StrictMath.cos(least + (number + t) * distance);
        }
        return format.pack(sines, cosines);
    }

    /** One-hot, or where a feature is one number the tokens' numbers. */
    private byte[] tokens(SplitMix64 random, boolean reversed) {
        int vocabulary = format.target().values();
        int width = format.features().size();
        int length = length(random);
        float[] values = new float[length * width];
        float[] told = new float[length];
        for (int t = 0; t < length; t++) {
            int token = (int) random.nextLong(vocabulary);
            values[width == 1 ? t : t * width + token] = width == 1 ? token : 1;
            told[reversed ? length - 1 - t : t] = token;
        }
        return format.pack(values, told);
    }

    private byte[] tone(SplitMix64 random) {
        int tone = (int) random.nextLong(format.target().values());
        float[] values = new float[length(random)];
        double phase = random.nextDouble();
        double loudness = 0.5 + random.nextDouble() / 2;
        double periods = 0.4 * (tone + 1) / format.target().values();
        for (int t = 0; t < values.length; t++) {
            double sine = StrictMath.sin(2 * StrictMath.PI * (phase + periods * t));
            values[t] = (float) (loudness * sine) + drawn(random);
        }
        return format.pack(values, new float[] {tone});
    }

    private int length(SplitMix64 random) {
        return fewest + (int) random.nextLong(steps - fewest + 1L);
    }

    private float drawn(SplitMix64 random) {
        return (float) (least + (below - least) * random.nextDouble());
    }

    @Override
    public int bytesAnExample() {
        return format.size(format.features().hasTime() ? steps : 1);
    }
}
