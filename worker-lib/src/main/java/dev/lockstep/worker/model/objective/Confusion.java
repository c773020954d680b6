package dev.lockstep.worker.model.objective;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How many examples of one class were taken for another, {@code [classes][classes]}; of a class, precision, recall and their
 * harmonic mean, F1; and the mean of the F1 of those classes that there is anything to say of.
 */
public record Confusion(int classes) implements Metric {
    public static final String NAME = "confusion";

    /** Of so many classes at most; of more, what takes their square is not kept. */
    public static final int MOST = 1000;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int sums() {
        return Math.multiplyExact(classes, classes);
    }

    @Override
    public void add(float[] output, float[] target, double[] sums, int at) {
        sums[at + Largest.of(target) * classes + Largest.of(output)]++;
    }

    @Override
    public Map<String, Double> figures(double examples, double[] sums, int at) {
        return Map.of(
                "macro_f1",
                Arrays.stream(f1(sums, at))
                        .filter(value -> !Double.isNaN(value))
                        .average()
                        .orElse(Double.NaN));
    }

    @Override
    public Map<String, double[]> ofTargets(double examples, double[] sums, int at) {
        double[] support = new double[classes];
        double[] precision = new double[classes];
        double[] recall = new double[classes];
        for (int i = 0; i < classes; i++) {
            support[i] = support(sums, at, i);
            precision[i] = sums[at + i * classes + i] / taken(sums, at, i);
            recall[i] = sums[at + i * classes + i] / support[i];
        }
        Map<String, double[]> figures = new LinkedHashMap<>();
        figures.put("examples", support);
        figures.put("precision", precision);
        figures.put("recall", recall);
        figures.put("f1", f1(sums, at));
        return figures;
    }

    private double[] f1(double[] sums, int at) {
        double[] f1 = new double[classes];
        for (int i = 0; i < classes; i++) {
            f1[i] = 2 * sums[at + i * classes + i] / (taken(sums, at, i) + support(sums, at, i));
        }
        return f1;
    }

    private double support(double[] sums, int at, int of) {
        double total = 0;
        for (int j = 0; j < classes; j++) {
            total += sums[at + of * classes + j];
        }
        return total;
    }

    private double taken(double[] sums, int at, int as) {
        double total = 0;
        for (int i = 0; i < classes; i++) {
            total += sums[at + i * classes + as];
        }
        return total;
    }
}
