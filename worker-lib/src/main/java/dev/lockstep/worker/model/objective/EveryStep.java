package dev.lockstep.worker.model.objective;

import java.util.Arrays;
import java.util.Map;

/** A metric of the steps of sequences: each step counts as an example does elsewhere, padding does not count. */
public record EveryStep(Metric metric, int targets) implements Metric {
    /** How many steps there were, before the metric's own sums. */
    private static final int STEPS = 1;

    /** How many sums stand before the metric's own. */
    int before() {
        return STEPS;
    }

    @Override
    public String name() {
        return metric.name();
    }

    @Override
    public int sums() {
        return STEPS + metric.sums();
    }

    @Override
    public boolean counts() {
        return metric.counts();
    }

    @Override
    public void add(float[] output, float[] target, double[] sums, int at) {
        for (int from = 0; from < target.length; from += targets) {
            sums[at]++;
            metric.add(
                    Arrays.copyOfRange(output, from, from + targets),
                    Arrays.copyOfRange(target, from, from + targets),
                    sums,
                    at + STEPS);
        }
    }

    @Override
    public Map<String, Double> figures(double examples, double[] sums, int at) {
        return metric.figures(sums[at], sums, at + STEPS);
    }

    @Override
    public Map<String, double[]> ofTargets(double examples, double[] sums, int at) {
        return metric.ofTargets(sums[at], sums, at + STEPS);
    }
}
