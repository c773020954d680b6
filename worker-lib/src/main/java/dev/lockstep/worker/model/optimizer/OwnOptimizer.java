package dev.lockstep.worker.model.optimizer;

import dev.lockstep.worker.math.NativeFloats;
import java.util.List;

/** An optimizer that DL4J lacks: it takes its steps itself, on plain memory. */
public interface OwnOptimizer extends Optimizer {

    /** The values of state a parameter, each from 0. */
    int slots();

    /** Whether what a value becomes depends on nothing but itself, its gradient and its state. */
    default boolean isElementWise() {
        return true;
    }

    /**
     * Takes a step. The same bits whatever the parameters of other layers are.
     *
     * @param rate the learning rate, by the schedule
     * @param step from 0
     */
    void step(Parameter parameter, float rate, int step);

    /**
     * The optimizer whose name and values come nearest, so that DL4J restores a saved model without our jar: of DL4J's, or of
     * ours one that has such.
     */
    Optimizer nearest();

    /**
     * One of a layer's arrays, such as its weights.
     *
     * @param gradient of the loss with regularisation, averaged over the batch; becomes what is subtracted from the values
     * @param values before the step, only to be read
     * @param state {@link #slots} arrays as long
     * @param isWeight whether it is a weight, and no bias, scale or shift
     */
    record Parameter(NativeFloats gradient, NativeFloats values, List<NativeFloats> state, boolean isWeight) {}
}
