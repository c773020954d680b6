package dev.lockstep.worker.table;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.Scaling;
import dev.lockstep.worker.reduce.ExactSum;
import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.Arrays;
import java.util.Iterator;

/**
 * What there is to know of some examples' features to scale them, without any rounding: the same however the examples are
 * shared out. An example that weighs 2 counts as two. Of sequences each step counts.
 *
 * @param weight of all of them, in units of 2^-1074, as all sums here
 * @param sums of each feature, {@code [features]}
 * @param squares the sums of their squares, {@code [features]}
 * @param least the smallest value of each feature, {@code [features]}
 * @param largest the largest one, {@code [features]}
 */
@DefaultSerializer(JavaSerializer.class)
public record Moments(BigInteger weight, BigInteger[] sums, BigInteger[] squares, float[] least, float[] largest)
        implements Serializable {
    private static final MathContext PRECISE = new MathContext(40);

    /**
     * Of a partition's examples.
     *
     * @param end one past the number of the last example that is meant
     */
    public static Moments of(Iterator<Block> blocks, ExampleFormat format, long end) {
        int features = format.features().size();
        ExactSum weight = new ExactSum();
        ExactSum[] sums = sums(features);
        ExactSum[] squares = sums(features);
        float[] least = filled(features, Float.POSITIVE_INFINITY);
        float[] largest = filled(features, Float.NEGATIVE_INFINITY);
        float[] values = new float[features];
        while (blocks.hasNext()) {
            Block block = blocks.next();
            for (long i = block.first(); i < Math.min(end, block.first() + block.size()); i++) {
                byte[] packed = block.packed(i);
                int count = format.steps(packed) * features;
                if (values.length < count) {
                    values = new float[count];
                }
                format.readFeatures(packed, values, 0);
                double weighs = format.weight(packed);
                for (int at = 0; at < count; at++) {
                    int feature = at % features;
                    double weighed = weighs * values[at]; // 48 bits at most: nothing is rounded
                    double square = weighed * values[at];
                    sums[feature].add(weighed);
                    squares[feature].add(square);
                    squares[feature].add(Math.fma(weighed, values[at], -square)); // what was rounded away
                    least[feature] = Math.min(least[feature], values[at]);
                    largest[feature] = Math.max(largest[feature], values[at]);
                }
                weight.add(weighs * format.steps(packed));
            }
        }
        return new Moments(weight.value(), values(sums), values(squares), least, largest);
    }

    private static ExactSum[] sums(int count) {
        ExactSum[] sums = new ExactSum[count];
        Arrays.setAll(sums, i -> new ExactSum());
        return sums;
    }

    private static float[] filled(int count, float value) {
        float[] values = new float[count];
        Arrays.fill(values, value);
        return values;
    }

    private static BigInteger[] values(ExactSum[] sums) {
        return Arrays.stream(sums).map(ExactSum::value).toArray(BigInteger[]::new);
    }

    /** Of these and others. */
    public Moments plus(Moments others) {
        int features = sums.length;
        BigInteger[] allSums = new BigInteger[features];
        BigInteger[] allSquares = new BigInteger[features];
        float[] leastOfAll = new float[features];
        float[] largestOfAll = new float[features];
        for (int i = 0; i < features; i++) {
            allSums[i] = sums[i].add(others.sums[i]);
            allSquares[i] = squares[i].add(others.squares[i]);
            leastOfAll[i] = Math.min(least[i], others.least[i]);
            largestOfAll[i] = Math.max(largest[i], others.largest[i]);
        }
        return new Moments(weight.add(others.weight), allSums, allSquares, leastOfAll, largestOfAll);
    }

    /**
     * The scaling that these examples ask for. A feature with but one value becomes 0.
     *
     * @param scaled which features are meant, {@code [features]}; others stay as they are
     */
    public Scaling scaling(Scaling.Kind kind, boolean[] scaled) {
        int features = sums.length;
        float[] shift = new float[features];
        float[] factor = filled(features, 1);
        for (int i = 0; i < features; i++) {
            if (!scaled[i] || kind == Scaling.Kind.NONE) {
                continue;
            }
            boolean standardise = kind == Scaling.Kind.STANDARDISE;
            shift[i] = standardise ? (float) quotient(sums[i], weight) : least[i];
            float wanted = (float) (1 / (standardise ? deviation(i) : (double) largest[i] - least[i]));
            factor[i] = Float.isFinite(wanted) ? wanted : 1;
        }
        return new Scaling(shift, factor);
    }

    private double deviation(int feature) {
        BigInteger sum = sums[feature];
        BigInteger scatter = squares[feature].multiply(weight).subtract(sum.multiply(sum));
        return Math.sqrt(quotient(scatter, weight.multiply(weight)));
    }

    private static double quotient(BigInteger of, BigInteger by) {
        return new BigDecimal(of).divide(new BigDecimal(by), PRECISE).doubleValue();
    }
}
