package dev.lockstep.worker.model;

import java.io.Serializable;
import java.util.Arrays;

/**
 * What becomes of the features of an example before a network is given them: (value - shift) · factor, in float32.
 *
 * @param shift {@code [features]}, of a sequence those of one step; not to be changed
 * @param factor {@code [features]}; not to be changed
 */
public record Scaling(float[] shift, float[] factor) implements Serializable {

    /** How the shifts and factors are chosen. */
    public enum Kind {
        /** Features stay as they are. */
        NONE,
        /** To a mean of 0 and a (population) standard deviation of 1. */
        STANDARDISE,
        /** From the least and the largest value to 0 and 1. */
        MIN_MAX
    }

    /** Features stay as they are. */
    public static final Scaling NONE = new Scaling(new float[0], new float[0]);

    public Scaling {
        if (shift.length != factor.length) {
            throw new IllegalArgumentException(shift.length + " shifts do not go with " + factor.length + " factors");
        }
    }

    /** Whether features stay as they are. */
    public boolean isNone() {
        return shift.length == 0;
    }

    /** Scales {@code values[at, at + count)}, all features of an example or of as many steps. */
    void apply(float[] values, int at, int count) {
        for (int from = at; !isNone() && from < at + count; from += shift.length) {
            for (int i = 0; i < shift.length; i++) {
                values[from + i] = (values[from + i] - shift[i]) * factor[i];
            }
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Scaling scaling
                && Arrays.equals(shift, scaling.shift)
                && Arrays.equals(factor, scaling.factor);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(shift) + Arrays.hashCode(factor);
    }

    @Override
    public String toString() {
        return isNone() ? "none" : shift.length + " features";
    }
}
