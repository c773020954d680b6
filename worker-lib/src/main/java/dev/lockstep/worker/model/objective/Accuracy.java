package dev.lockstep.worker.model.objective;

import java.util.Map;

/** The share of the examples whose largest output is their class's. */
public record Accuracy() implements Metric {
    public static final String NAME = "accuracy";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int sums() {
        return 1;
    }

    @Override
    public void add(float[] output, float[] target, double[] sums, int at) {
        sums[at] += Largest.of(output) == Largest.of(target) ? 1 : 0;
    }

    @Override
    public Map<String, Double> figures(double examples, double[] sums, int at) {
        return Map.of(NAME, sums[at] / examples);
    }
}
