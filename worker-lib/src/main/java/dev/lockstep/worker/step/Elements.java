package dev.lockstep.worker.step;

import dev.lockstep.worker.model.Clipping;
import dev.lockstep.worker.model.GradientChunks;
import java.util.List;

/**
 * The parameters of a replica by ranges of their elements, for those who share its steps. Behind the
 * parameters are the states that go from one batch to the next, which are nobody's to learn.
 */
public interface Elements {

    /** How many there are; as long as the gradients' sum. */
    int length();

    /** How many of these, the first ones, the optimizer steps. */
    int parameters();

    /** Of the parameters: what the norms of their gradient are summed by. */
    GradientChunks chunks();

    Clipping clipping();

    /** Where elements may be cut: where chunks begin, and behind the parameters now and then. */
    List<Integer> borders();

    /** Writes elements {@code [from, to)} to the same places of an array. */
    void read(float[] into, int from, int to);

    /** Takes elements {@code [from, to)} over from the same places of an array. */
    void take(float[] values, int from, int to);

    /** Takes elements {@code [from, to)} over from an equal replica's. */
    void take(Elements equal, int from, int to);
}
