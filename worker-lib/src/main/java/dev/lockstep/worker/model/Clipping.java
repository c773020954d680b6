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
}
