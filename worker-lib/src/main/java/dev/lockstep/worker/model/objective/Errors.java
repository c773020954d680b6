package dev.lockstep.worker.model.objective;

import java.util.LinkedHashMap;
import java.util.Map;

/** How far outputs are from their values: the root of the mean square, and the mean of the absolute error. */
public record Errors(int targets) implements Metric {
    public static final String RMSE = "rmse";
    public static final String MAE = "mae";

    /** Of a value: the sum of the squares, the sum of the absolute errors. */
    private static final int EACH = 2;

    @Override
    public String name() {
        return "errors";
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
            double error = (double) output[k] - target[k];
            sums[at + EACH * k] += error * error;
            sums[at + EACH * k + 1] += Math.abs(error);
        }
    }

    @Override
    public Map<String, Double> figures(double examples, double[] sums, int at) {
        double squares = 0;
        double absolute = 0;
        for (int k = 0; k < targets; k++) {
            squares += sums[at + EACH * k];
            absolute += sums[at + EACH * k + 1];
        }
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put(RMSE, Math.sqrt(squares / (examples * targets)));
        figures.put(MAE, absolute / (examples * targets));
        return figures;
    }

    @Override
    public Map<String, double[]> ofTargets(double examples, double[] sums, int at) {
        double[] rmse = new double[targets];
        double[] mae = new double[targets];
        for (int k = 0; k < targets; k++) {
            rmse[k] = Math.sqrt(sums[at + EACH * k] / examples);
            mae[k] = sums[at + EACH * k + 1] / examples;
        }
        Map<String, double[]> figures = new LinkedHashMap<>();
        figures.put(RMSE, rmse);
        figures.put(MAE, mae);
        return figures;
    }
}
