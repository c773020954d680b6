package dev.lockstep.worker.text;

import dev.lockstep.worker.failure.ConfigurationException;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A vector for each token of a vocabulary.
 *
 * @param values {@code [tokens][units]}, one behind the other; there may be more
 */
public record WordVectors(TextVocabulary vocabulary, int units, float[] values) {
    /** Directions are 1 long; what rounding leaves of two that are the same is less than this. */
    private static final double NOTHING = 1e-9;

    /** A token, and the cosine of the angle to what was asked for. */
    public record Near(String token, double cosine) {}

    /** The vector of a token by its number. */
    public float[] vector(int token) {
        float[] vector = new float[units];
        System.arraycopy(values, token * units, vector, 0, units);
        return vector;
    }

    private double[] direction(int token) {
        float[] vector = vector(token);
        double length = Math.sqrt(IntStream.range(0, units)
                .mapToDouble(i -> (double) vector[i] * vector[i])
                .sum());
        return IntStream.range(0, units)
                .mapToDouble(i -> length == 0 ? 0 : vector[i] / length)
                .toArray();
    }

    /**
     * The tokens nearest to a sum of directions, without those that are in it; Mikolov et al. 2013: of king - man + woman, queen.
     *
     * @param plus numbers of tokens that are added, at least one
     * @param minus of those taken away
     * @throws ConfigurationException when they take each other away
     */
    public List<Near> nearest(List<Integer> plus, List<Integer> minus, int count) {
        double[] sum = new double[units];
        plus.forEach(token -> add(sum, direction(token), 1));
        minus.forEach(token -> add(sum, direction(token), -1));
        double length = Math.sqrt(
                IntStream.range(0, units).mapToDouble(i -> sum[i] * sum[i]).sum());
        if (length < NOTHING) {
            throw new ConfigurationException("these words come to nothing together, and so nothing is near to them");
        }
        return IntStream.range(TextVocabulary.LEAST, vocabulary.tokens().size())
                .filter(token -> !plus.contains(token) && !minus.contains(token))
                .mapToObj(token -> new Near(vocabulary.token(token), product(sum, direction(token)) / length))
                .sorted(Comparator.comparingDouble((Near near) -> -near.cosine())
                        .thenComparing(Near::token))
                .limit(count)
                .toList();
    }

    /**
     * How many of all analogies between rows of a table come out: of a - b + c the nearest is d, for every two rows and columns, a and
     * b being of one row, d and c of another, a and d of one column. As {@link #nearest} has it, words that are given are no answers.
     *
     * @param table numbers of tokens, as many in each row
     * @return a share
     */
    public double analogies(List<List<Integer>> table) {
        double[][] directions = IntStream.range(0, vocabulary.tokens().size())
                .mapToObj(this::direction)
                .toArray(double[][]::new);
        int asked = 0;
        int right = 0;
        for (List<Integer> row : table) {
            for (List<Integer> other : table) {
                for (int from = 0; from < row.size() && row != other; from++) {
                    for (int to = 0; to < row.size(); to++) {
                        if (from != to) {
                            asked++;
                            right += comesOut(directions, row.get(to), row.get(from), other.get(from), other.get(to))
                                    ? 1
                                    : 0;
                        }
                    }
                }
            }
        }
        return (double) right / asked;
    }

    private boolean comesOut(double[][] directions, int plus, int minus, int also, int answer) {
        double[] sum = new double[units];
        add(sum, directions[plus], 1);
        add(sum, directions[minus], -1);
        add(sum, directions[also], 1);
        double best = product(sum, directions[answer]);
        return IntStream.range(TextVocabulary.LEAST, directions.length)
                .filter(token -> token != plus && token != minus && token != also && token != answer)
                .noneMatch(token -> product(sum, directions[token]) >= best);
    }

    private static void add(double[] sum, double[] direction, int sign) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += sign * direction[i];
        }
    }

    private static double product(double[] a, double[] b) {
        return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).sum();
    }
}
