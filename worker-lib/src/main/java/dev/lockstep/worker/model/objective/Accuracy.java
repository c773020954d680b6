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
        sums[at] += largest(output) == largest(target) ? 1 : 0;
    }

    @Override
    public Map<String, Double> figures(long examples, double[] sums, int at) {
        return Map.of(NAME, sums[at] / examples);
    }

    /** The place of the largest value, of the first one when several are equal. */
    static int largest(float[] values) {
        int largest = 0;
        for (int i = 1; i < values.length; i++) {
            if (values[i] > values[largest]) {
                largest = i;
            }
        }
        return largest;
    }
}
