package dev.lockstep.worker.model.objective;

import java.util.Arrays;
import java.util.Map;

/**
 * The area under the receiver operating characteristic of each class or label against the rest: the probability that an
 * example of it has a larger output than one that is not of it, equal ones counting half (Hanley and McNeil 1982); and their
 * mean. Outputs are probabilities; they are counted in 2^16 bins of equal width in ln(p / (1 - p)), because what a network
 * has learnt crowds at 0 and 1.
 */
public record AreaUnderCurve(int targets) implements Metric {
    public static final String NAME = "auc";

    /** Of so many classes or labels at most; each takes a MiB. */
    public static final int MOST = 20;

    private static final int BINS = 1 << 16;
    /** Of what float32 can hold: the smallest normal number, and the next below 1. */
    private static final double LOW = -88;

    private static final double HIGH = 17;
    /** Examples not of the class, then those of it. */
    private static final int SIDES = 2;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int sums() {
        return targets * SIDES * BINS;
    }

    @Override
    public void add(float[] output, float[] target, double[] sums, int at) {
        for (int k = 0; k < targets; k++) {
            int side = target[k] > 0.5f ? 1 : 0;
            sums[at + (k * SIDES + side) * BINS + bin(output[k])]++;
        }
    }

    private static int bin(float p) {
        double logit = Math.log(p) - Math.log1p(-p); // -88 or 17 and beyond for 0 and 1
        return (int) Math.max(0, Math.min(BINS - 1, (logit - LOW) / (HIGH - LOW) * BINS));
    }

    @Override
    public Map<String, Double> figures(double examples, double[] sums, int at) {
        return Map.of(
                NAME,
                Arrays.stream(areas(sums, at))
                        .filter(area -> !Double.isNaN(area))
                        .average()
                        .orElse(Double.NaN));
    }

    @Override
    public Map<String, double[]> ofTargets(double examples, double[] sums, int at) {
        return Map.of(NAME, areas(sums, at));
    }

    private double[] areas(double[] sums, int at) {
        double[] areas = new double[targets];
        for (int k = 0; k < targets; k++) {
            int others = at + k * SIDES * BINS;
            int own = others + BINS;
            double below = 0;
            double won = 0;
            double all = 0;
            for (int bin = 0; bin < BINS; bin++) {
                won += sums[own + bin] * (below + sums[others + bin] / 2);
                below += sums[others + bin];
                all += sums[own + bin];
            }
            areas[k] = won / (below * all); // NaN of a class with no example, or with all
        }
        return areas;
    }
}
