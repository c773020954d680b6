package dev.lockstep.worker.model;

import java.util.Map;

/**
 * What the sum of a step comes to: all that must be known of the whole of it before the step is taken by parts.
 *
 * @param squares of the L2 norm of each layer's gradient
 * @param bounded the square of the norm of all of it when every value is clipped; 0 where the norm is not clipped
 * @param statisticsFinite whether the running statistics hold finite numbers only
 */
public record GradientNorms(Map<Integer, Double> squares, double bounded, boolean statisticsFinite) {

    /** The square of the norm of all of it. */
    public double square() {
        return squares.values().stream().mapToDouble(Double::doubleValue).sum();
    }
}
