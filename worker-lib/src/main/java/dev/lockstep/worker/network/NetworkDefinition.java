package dev.lockstep.worker.network;

import java.io.Serializable;

/** All that a task needs to build a network. A value: equal definitions build networks that compute the same. */
public interface NetworkDefinition extends Serializable {

    /** The shape of one example. */
    Shape input();

    /** The length of the network's output. */
    int classes();

    /** How large the averaged gradient may be. */
    default Clipping clipping() {
        return Clipping.NONE;
    }

    /**
     * A new network, initialised, DL4J's layers in it.
     *
     * @param seed of the initial parameters, where the definition leaves it open
     */
    Network build(long seed);
}
