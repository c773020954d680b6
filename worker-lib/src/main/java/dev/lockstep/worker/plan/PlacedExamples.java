package dev.lockstep.worker.plan;

import dev.lockstep.worker.data.Block;
import java.util.List;

/** The examples of one task, by their places. */
public interface PlacedExamples {

    /**
     * The examples at places {@code [from, to)}, which are this task's, in order; places that stay empty are left out.
     *
     * @return each as {@link Block#packed} makes it; not to be changed
     */
    List<byte[]> between(long from, long to);

    /** Whether other threads may ask at the same time, for what they compute in this task's place. */
    default boolean shared() {
        return false;
    }
}
