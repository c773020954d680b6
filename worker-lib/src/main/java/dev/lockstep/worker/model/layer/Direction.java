package dev.lockstep.worker.model.layer;

/** Which way a recurrent layer goes through time. */
public enum Direction {
    /** From the first step to the last. */
    FORWARD,
    /** Both ways, the two outputs side by side: Schuster, Paliwal 1997. */
    BOTH;

    /** The values of a step's output. */
    int outputs(int units) {
        return this == BOTH ? 2 * units : units;
    }
}
