package dev.lockstep.worker.model.objective;

import java.util.Map;

/**
 * The share of the examples whose class is among the {@code k} largest outputs; of equal outputs those of the lower classes
 * count as larger.
 *
 * @param k at least 1
 */
public record TopAccuracy(int k) implements Metric {

    @Override
    public String name() {
        return "top" + k + "_accuracy";
    }

    @Override
    public int sums() {
        return 1;
    }

    @Override
    public void add(float[] output, float[] target, double[] sums, int at) {
        int label = Largest.of(target);
        int larger = 0;
        for (int i = 0; i < output.length; i++) {
            larger += output[i] > output[label] || output[i] == output[label] && i < label ? 1 : 0;
        }
        sums[at] += larger < k ? 1 : 0;
    }

    @Override
    public Map<String, Double> figures(double examples, double[] sums, int at) {
        return Map.of(name(), sums[at] / examples);
    }
}
