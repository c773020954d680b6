package dev.lockstep.worker.model.objective;

import java.io.Serializable;
import java.util.Map;

/** Figures about examples, worked out of sums over them: what can be added up in any fixed grouping. */
public interface Metric extends Serializable {

    /** Under which its sums are found again. */
    String name();

    /** How many sums it keeps. */
    int sums();

    /** Whether its sums count things: whole numbers, exact in any grouping. */
    default boolean counts() {
        return true;
    }

    /**
     * Adds an example.
     *
     * @param output the network's, {@code [targets]}; where every step has a target, {@code [steps][targets]}
     * @param target the same
     * @param sums its own sums begin {@code at}
     */
    void add(float[] output, float[] target, double[] sums, int at);

    /**
     * What the sums say of all examples, by the names that metrics.jsonl, options and reports have for it; NaN where there is
     * nothing to say. The sums may all be divided by the same number, and {@code examples} too.
     *
     * @param examples how many there are
     */
    Map<String, Double> figures(double examples, double[] sums, int at);

    /** What the sums say of each class, label or value, {@code [targets]}, by name. */
    default Map<String, double[]> ofTargets(double examples, double[] sums, int at) {
        return Map.of();
    }
}
