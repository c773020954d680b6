package dev.lockstep.worker.math;

import java.util.Arrays;

/**
 * What an attention reads, side by side: who asks, then, unless it is the same, what is looked at, each of as many values, then, where
 * the sight asks for it, the tokens.
 *
 * @param width of what asks
 * @param crosses whether something else is looked at
 */
record Attending(int width, boolean crosses, Sight sight) {

    Sequences asking(Sequences x) {
        return x.part(0, width);
    }

    Sequences lookedAt(Sequences x) {
        return x.part(crosses ? width : 0, width);
    }

    /** The steps of each example's source; 0 where nobody asks. */
    int[] borders(Sequences x) {
        return sight.asksForTokens() ? Sight.borders(x.part(tokensAt(), 1)) : new int[x.examples()];
    }

    private int tokensAt() {
        return crosses ? 2 * width : width;
    }

    /** A token has no slope. */
    void clearTokens(Sequences dx) {
        if (sight.asksForTokens()) {
            dx.part(tokensAt(), 1).zero();
        }
    }

    /**
     * The softmax of a step's scores, in place, over the steps that it looks at; 0 elsewhere up to the sequence's end.
     *
     * @param scale of the scores
     */
    void softmax(float[] row, int step, int border, int length, float scale) {
        int from = sight.from(step, border);
        int to = sight.to(step, border, length);
        if (from < to) {
            float largest = row[from];
            for (int s = from + 1; s < to; s++) {
                largest = Math.max(largest, row[s]);
            }
            for (int s = from; s < to; s++) {
                row[s] = (row[s] - largest) * scale;
            }
            VectorLoops.exp(row, from, to);
            double sum = 0;
            for (int s = from; s < to; s++) {
                sum += row[s];
            }
            float inverse = (float) (1 / sum);
            for (int s = from; s < to; s++) {
                row[s] *= inverse;
            }
        }
        Arrays.fill(row, 0, Math.min(from, length), 0f);
        Arrays.fill(row, Math.max(from, to), length, 0f);
    }

    /** de = a (da - sum over s of a da) scale, in place of da. */
    static void slopes(float[] a, float[] da, int length, float scale) {
        double along = 0;
        for (int s = 0; s < length; s++) {
            along += a[s] * da[s];
        }
        float mean = (float) along;
        for (int s = 0; s < length; s++) {
            da[s] = a[s] * (da[s] - mean) * scale;
        }
    }
}
