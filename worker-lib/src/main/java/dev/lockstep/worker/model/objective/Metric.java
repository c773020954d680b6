package dev.lockstep.worker.model.objective;

import java.io.Serializable;
import java.util.Map;

/** Figures about examples, worked out of sums over them: what can be added up in any fixed grouping. */
public interface Metric extends Serializable {

    /** What metrics.jsonl, options and reports call it. */
    String name();

    /** How many sums it keeps. */
    int sums();

    /**
     * Adds an example.
     *
     * @param output the network's, {@code [targets]}
     * @param target {@code [targets]}
     * @param sums its own sums begin {@code at}
     */
    void add(float[] output, float[] target, double[] sums, int at);

    /**
     * What the sums say, by name; NaN where there is nothing to say.
     *
     * @param examples how many there are
     */
    Map<String, Double> figures(long examples, double[] sums, int at);
}
