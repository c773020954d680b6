package dev.lockstep.worker.model.objective;

import java.util.Arrays;
import java.util.Map;

/**
 * The share of the sequences that are told rightly at every step: of classes by the largest output, of labels by all outputs
 * above 1/2.
 *
 * @param targets of a step
 * @param classes whether these are classes, else labels
 */
public record WholeSequences(int targets, boolean classes) implements Metric {
    public static final String NAME = "whole_sequences";

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
        for (int from = 0; from < target.length; from += targets) {
            if (!isRight(
                    Arrays.copyOfRange(output, from, from + targets),
                    Arrays.copyOfRange(target, from, from + targets))) {
                return;
            }
        }
        sums[at]++;
    }

    private boolean isRight(float[] output, float[] target) {
        if (classes) {
            return Largest.of(output) == Largest.of(target);
        }
        for (int k = 0; k < targets; k++) {
            if (output[k] > 0.5f != target[k] > 0.5f) {
                return false;
            }
        }
        return true;
    }

    @Override
    public Map<String, Double> figures(double examples, double[] sums, int at) {
        return Map.of(NAME, sums[at] / examples);
    }
}
