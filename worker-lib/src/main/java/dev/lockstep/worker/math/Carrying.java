package dev.lockstep.worker.math;

/**
 * A kernel whose sequences may go on where others ended: truncated back-propagation through time (Williams, Peng 1990). The state is
 * carried, the slope ends at a sequence's begin.
 */
public interface Carrying extends SequenceKernel {

    /** The values of an example's state. */
    int stateLength();

    /** Says what the next forward passes begin with, {@code [examples][stateLength]}; null for 0. */
    void begin(float[] state);

    /** The state behind the last step of each sequence of the last forward pass in training mode that did not begin with null. */
    float[] end();
}
