package dev.lockstep.worker.dl4j.layer;

import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;

/** How a layer computes its activation function: as part of its own loops, or by DL4J's object afterwards. */
enum Fusion {
    IDENTITY,
    RELU,
    NONE;

    /** What a report says of it, after the technique. */
    String describe(boolean bias, IActivation function) {
        return (bias ? " + bias" : "")
                + switch (this) {
                    case IDENTITY -> "";
                    case RELU -> " + relu";
                    case NONE -> ", then DL4J's " + function;
                };
    }

    /** Exact classes: a subclass may compute something else, though DL4J calls it equal. */
    static Fusion of(IActivation function) {
        if (function.getClass() == ActivationIdentity.class) {
            return IDENTITY;
        }
        // Only the plain one: it can also have a slope below 0, a threshold and an upper limit.
        return function.getClass() == ActivationReLU.class && function.equals(new ActivationReLU()) ? RELU : NONE;
    }
}
