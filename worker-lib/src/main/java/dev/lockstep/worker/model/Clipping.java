package dev.lockstep.worker.model;

import java.io.Serializable;

/**
 * How large the gradient may be, averaged over the batch's examples, without regularisation: first every value is brought
 * into {@code [-value, value]}, then the whole gradient is scaled down to an L2 norm of at most {@code norm} (Pascanu,
 * Mikolov, Bengio 2013).
 *
 * @param norm above 0; infinity for no bound
 * @param value above 0; infinity for no bound
 */
public record Clipping(double norm, double value) implements Serializable {
    public static final Clipping NONE = new Clipping(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);

    /** Whether the norm has a bound. */
    public boolean isByNorm() {
        return norm < Double.POSITIVE_INFINITY;
    }

    boolean isByValue() {
        return value < Double.POSITIVE_INFINITY;
    }

    /** Of each value of a sum over examples that weigh so much together. */
    float bound(double weight) {
        return (float) (value * weight);
    }

    static float bounded(float value, float bound) {
        return Math.max(-bound, Math.min(bound, value));
    }

    /** What the sum's values are multiplied by when each is bounded; 1 or more for nothing. */
    double scale(GradientNorms norms, double weight) {
        return isByNorm() ? norm * weight / Math.sqrt(norms.bounded()) : 1;
    }
}
