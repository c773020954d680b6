package dev.lockstep.worker.model.optimizer;

import java.io.Serializable;

/** The step that is taken with the averaged gradient, as a value: equal optimizers take equal steps. */
public interface Optimizer extends Serializable {

    /** Step size before any schedule, above 0; 1 when it knows none. */
    double learningRate();

    /** The same optimizer with another step size; itself when it knows none. */
    Optimizer at(double rate);

    /** Whether a schedule can change the rate. */
    default boolean hasLearningRate() {
        return true;
    }
}
