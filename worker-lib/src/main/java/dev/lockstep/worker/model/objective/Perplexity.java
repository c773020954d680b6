package dev.lockstep.worker.model.objective;

import java.util.Map;

/** exp of the mean of -log p over the examples, p being what is said of the right class: how many classes it is like guessing among. */
public record Perplexity() implements Metric {
    public static final String NAME = "perplexity";

    /** The least p that a logarithm is taken of, as cross-entropy has it. */
    private static final double LEAST = 1e-10;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int sums() {
        return 1;
    }

    @Override
    public boolean counts() {
        return false;
    }

    @Override
    public void add(float[] output, float[] target, double[] sums, int at) {
        sums[at] -= Math.log(Math.max(LEAST, output[Largest.of(target)]));
    }

    @Override
    public Map<String, Double> figures(double examples, double[] sums, int at) {
        return Map.of(NAME, Math.exp(sums[at] / examples));
    }
}
