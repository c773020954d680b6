package dev.lockstep.worker.math;

import java.util.function.DoubleSupplier;

/**
 * Recurrent cells that can drop a part of their state within the steps, Gal, Ghahramani 2016 ("A theoretically grounded application of
 * dropout in recurrent neural networks"), Keras' {@code recurrent_dropout}: in training h_{t-1} is multiplied by m where it goes into
 * the products with the recurrent weights, and nowhere else; each value of m is 0 with the ratio as its probability, else
 * 1 / (1 - ratio). A sequence has one m for all of its steps.
 */
public interface Dropping extends SequenceKernel {

    /**
     * Says what the next forward passes in training mode drop.
     *
     * @param ratio in [0, 1); 0 for nothing
     * @param random uniform over [0, 1), drawn from sequence by sequence, unit by unit, in every such pass
     */
    void drop(double ratio, DoubleSupplier random);
}
