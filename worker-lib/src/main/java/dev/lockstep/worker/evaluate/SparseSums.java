package dev.lockstep.worker.evaluate;

import java.io.Serializable;
import java.util.stream.IntStream;

/** Sums most of which are 0: the others alone. */
record SparseSums(int[] at, double[] values) implements Serializable {

    static SparseSums of(double[] sums) {
        int[] at = IntStream.range(0, sums.length).filter(i -> sums[i] != 0).toArray();
        return new SparseSums(at, IntStream.of(at).mapToDouble(i -> sums[i]).toArray());
    }

    void addTo(double[] sums) {
        for (int i = 0; i < at.length; i++) {
            sums[at[i]] += values[i];
        }
    }
}
