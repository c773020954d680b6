package dev.lockstep.worker.model.objective;

import java.util.Arrays;
import java.util.Map;

/**
 * The coefficient of determination, R² = 1 - sum (d - y)² / sum (d - mean d)²: which part of a value's variance the outputs
 * explain; of several values, the mean. NaN of a value that is always the same. Values are float32, so that the difference of
 * sums in double is exact enough.
 */
public record Determination(int targets) implements Metric {
    public static final String NAME = "r2";

    /** Of a value: the sums of the squared errors, of the value, of its square. */
    private static final int EACH = 3;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int sums() {
        return EACH * targets;
    }

    @Override
    public boolean counts() {
        return false;
    }

    @Override
    public void add(float[] output, float[] target, double[] sums, int at) {
        for (int k = 0; k < targets; k++) {
            double value = target[k];
            double error = output[k] - value;
            sums[at + EACH * k] += error * error;
            sums[at + EACH * k + 1] += value;
            sums[at + EACH * k + 2] += value * value;
        }
    }

    @Override
    public Map<String, Double> figures(double examples, double[] sums, int at) {
        return Map.of(NAME, Arrays.stream(each(examples, sums, at)).average().orElse(Double.NaN));
    }

    @Override
    public Map<String, double[]> ofTargets(double examples, double[] sums, int at) {
        return Map.of(NAME, each(examples, sums, at));
    }

    private double[] each(double examples, double[] sums, int at) {
        double[] each = new double[targets];
        for (int k = 0; k < targets; k++) {
            int of = at + EACH * k;
            double spread = sums[of + 2] - sums[of + 1] * sums[of + 1] / examples;
            each[k] = spread > 0 ? 1 - sums[of] / spread : Double.NaN;
        }
        return each;
    }
}
