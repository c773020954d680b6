package dev.lockstep.driver.report;

import dev.lockstep.worker.seed.SplitMix64;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** Regression trees, each grown on a bootstrap sample of some rows; the same rows give the same forest. */
final class RegressionForest {
    private static final int TREES = 100;
    private static final int DEPTH = 6;
    private static final int LEAST_IN_LEAF = 2;
    /** A tree is grown on so many rows, and asked about so many others, at most. */
    private static final int MOST_ROWS = 500;

    private final double[][] rows;
    private final boolean[] ordered;
    private final double[] values;

    /**
     * @param rows a number for each feature
     * @param ordered of each feature, whether its numbers have an order; else they are names
     * @param values one for each row, to be told from it
     */
    RegressionForest(double[][] rows, boolean[] ordered, double[] values) {
        this.rows = rows;
        this.ordered = ordered;
        this.values = values;
    }

    /**
     * Where a tree asks whether a feature is at most a number or, of names, is the number.
     *
     * @param yes null in a leaf, as {@code no} is
     * @param mean of the values that came here
     */
    private record Node(int feature, double at, Node yes, Node no, double mean) {}

    /**
     * By how much the mean squared error grows, in the mean of the trees and for rows that a tree was not grown on, when these
     * exchange their numbers of a feature.
     */
    double[] permutationImportance() {
        SplitMix64 random = new SplitMix64(1);
        double[] growth = new double[ordered.length];
        int asked = 0;
        for (int tree = 0; tree < TREES; tree++) {
            List<Integer> sample = new ArrayList<>();
            boolean[] drawn = new boolean[rows.length];
            for (int i = 0; i < Math.min(rows.length, MOST_ROWS); i++) {
                int row = (int) random.nextLong(rows.length);
                sample.add(row);
                drawn[row] = true;
            }
            List<Integer> others = new ArrayList<>();
            for (int row = 0; row < rows.length && others.size() < MOST_ROWS; row++) {
                if (!drawn[row]) {
                    others.add(row);
                }
            }
            if (others.size() < 2) {
                continue;
            }
            asked++;
            Node root = grown(sample, DEPTH);
            double error = error(root, others, -1, others);
            for (int feature = 0; feature < growth.length; feature++) {
                growth[feature] += error(root, others, feature, shuffled(others, random)) - error;
            }
        }
        int trees = Math.max(1, asked);
        return Arrays.stream(growth).map(sum -> sum / trees).toArray();
    }

    private static List<Integer> shuffled(List<Integer> list, SplitMix64 random) {
        List<Integer> shuffled = new ArrayList<>(list);
        for (int i = shuffled.size() - 1; i > 0; i--) {
            Collections.swap(shuffled, i, (int) random.nextLong(i + 1));
        }
        return shuffled;
    }

    private Node grown(List<Integer> sample, int depth) {
        double mean = sample.stream().mapToDouble(row -> values[row]).average().orElse(0);
        Node best = null;
        double bestGain = 0;
        if (depth > 0 && sample.size() >= 2 * LEAST_IN_LEAF) {
            for (int feature = 0; feature < ordered.length; feature++) {
                for (double at : thresholds(sample, feature)) {
                    double gain = gain(sample, feature, at, mean);
                    if (gain > bestGain) {
                        bestGain = gain;
                        best = new Node(feature, at, null, null, mean);
                    }
                }
            }
        }
        if (best == null) {
            return new Node(-1, 0, null, null, mean);
        }
        List<Integer> yes = new ArrayList<>();
        List<Integer> no = new ArrayList<>();
        for (int row : sample) {
            (asks(best.feature(), best.at(), row) ? yes : no).add(row);
        }
        return new Node(best.feature(), best.at(), grown(yes, depth - 1), grown(no, depth - 1), mean);
    }

    private boolean asks(int feature, double at, int row) {
        return ordered[feature] ? rows[row][feature] <= at : rows[row][feature] == at;
    }

    /** Between each two neighbours, or each name. */
    private double[] thresholds(List<Integer> sample, int feature) {
        double[] distinct = sample.stream()
                .mapToDouble(row -> rows[row][feature])
                .distinct()
                .sorted()
                .toArray();
        if (!ordered[feature]) {
            return distinct;
        }
        double[] between = new double[Math.max(0, distinct.length - 1)];
        Arrays.setAll(between, i -> (distinct[i] + distinct[i + 1]) / 2);
        return between;
    }

    /** By how much the sum of squares falls; 0 where a leaf would hold too few. */
    private double gain(List<Integer> sample, int feature, double at, double mean) {
        double sum = 0;
        int count = 0;
        for (int row : sample) {
            if (asks(feature, at, row)) {
                sum += values[row] - mean;
                count++;
            }
        }
        int rest = sample.size() - count;
        return count < LEAST_IN_LEAF || rest < LEAST_IN_LEAF ? 0 : sum * sum / count + sum * sum / rest;
    }

    /** @param exchanged where each row takes its number of the feature from */
    private double error(Node root, List<Integer> asked, int feature, List<Integer> exchanged) {
        double squares = 0;
        for (int i = 0; i < asked.size(); i++) {
            Node node = root;
            while (node.yes() != null) {
                int row = node.feature() == feature ? exchanged.get(i) : asked.get(i);
                node = asks(node.feature(), node.at(), row) ? node.yes() : node.no();
            }
            double miss = node.mean() - values[asked.get(i)];
            squares += miss * miss;
        }
        return squares / asked.size();
    }
}
