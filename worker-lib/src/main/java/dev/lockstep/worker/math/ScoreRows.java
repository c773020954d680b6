package dev.lockstep.worker.math;

import java.util.Arrays;

/**
 * The softmax of an attention's scores {@code [length][length]}, a row for each step that looks, and its slopes. In passes over all
 * rows at once, of which the compiler makes vector code: a row by itself is too short for that. Not for several threads.
 */
final class ScoreRows {
    private final Sight sight;
    private final Exponential exponential = new Exponential();
    private float[] spread = new float[0]; // a value of each row, at all its places
    private double[] wide = new double[0];
    private double[] sums = new double[0];

    ScoreRows(Sight sight) {
        this.sight = sight;
    }

    private void grow(int length) {
        if (sums.length < length) {
            sums = new double[length];
            spread = new float[length * length];
            wide = new double[length * length];
        }
    }

    /**
     * In place, of each row over the steps that its step looks at; 0 elsewhere.
     *
     * @param border the steps of the source
     * @param scale of the scores
     */
    void softmax(float[] a, int border, int length, float scale) {
        grow(length);
        for (int t = 0; t < length; t++) {
            fill(t, length, largest(a, t * length, sight.from(t, border), sight.to(t, border, length)));
        }
        for (int i = 0; i < length * length; i++) {
            a[i] = (a[i] - spread[i]) * scale;
        }
        exponential.apply(a, 0, length * length);
        for (int t = 0; t < length; t++) {
            int from = Math.min(length, sight.from(t, border));
            int to = Math.max(from, sight.to(t, border, length));
            Arrays.fill(a, t * length, t * length + from, 0f);
            Arrays.fill(a, t * length + to, (t + 1) * length, 0f);
        }
        sumRows(a, length);
        for (int t = 0; t < length; t++) {
            boolean looks = sight.from(t, border) < sight.to(t, border, length);
            fill(t, length, looks ? (float) (1 / sums[t]) : 0f);
        }
        VectorLoops.multiply(a, spread, length * length);
    }

    private void sumRows(float[] values, int length) {
        VectorLoops.widen(values, wide, length * length);
        VectorLoops.rowSums(wide, length, length, sums);
    }

    private void fill(int row, int length, float value) {
        Arrays.fill(spread, row * length, (row + 1) * length, value);
    }

    /** Of a row; where there is NaN, any: the sum is NaN then. */
    private static float largest(float[] a, int row, int from, int to) {
        int end = row + to;
        float largest = from < to ? a[row + from] : 0f;
        float second = largest; // two side by side, for one alone waits for each comparison
        int s = row + from + 1;
        for (; s + 1 < end; s += 2) {
            largest = Math.max(largest, a[s]);
            second = Math.max(second, a[s + 1]);
        }
        return s < end ? Math.max(Math.max(largest, second), a[s]) : Math.max(largest, second);
    }

    /** de = a (da - sum over s of a da) scale, in place of da. */
    void slopes(float[] a, float[] da, int length, float scale) {
        grow(length);
        int size = length * length;
        System.arraycopy(a, 0, spread, 0, size);
        VectorLoops.multiply(spread, da, size);
        sumRows(spread, length);
        for (int t = 0; t < length; t++) {
            fill(t, length, (float) sums[t]);
        }
        for (int i = 0; i < size; i++) {
            da[i] = a[i] * (da[i] - spread[i]) * scale;
        }
    }
}
