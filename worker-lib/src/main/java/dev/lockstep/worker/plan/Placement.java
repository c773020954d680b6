package dev.lockstep.worker.plan;

import java.io.Serializable;

/**
 * Where examples go in a shuffle: places are numbered, each place takes one example of the data set, and each place
 * belongs to a task. A pure function, evaluated by every task for itself.
 */
public interface Placement extends Serializable {

    /** What {@link #example} says of a place that stays empty. */
    long NONE = -1;

    /** The first place. */
    long from();

    /** One past the last place. */
    long to();

    /** The index in the data set of the example at a place, or {@link #NONE}. */
    long example(long place);

    /** The task, in [0, {@link #tasks}), that a place belongs to. */
    int task(long place);

    int tasks();

    /** A place before which none is a task's. */
    default long from(int task) {
        return from();
    }

    /** One past a place behind which none is a task's. */
    default long to(int task) {
        return to();
    }

    /**
     * A number of consecutive places, from {@link #from} on, that hold at least so many examples of one task, or all that are
     * computed together.
     */
    long placesFor(long examples);

    /** Told of an example and a place that takes it. */
    interface Taker {
        void takes(long place, long example);
    }

    /**
     * Tells of each place that takes one of the examples {@code [first, end)} of the data set, in any order. Looks at every
     * place, unless the placement knows where an example goes.
     */
    default void forEach(long first, long end, Taker taker) {
        for (long place = from(); place < to(); place++) {
            long example = example(place);
            if (example >= first && example < end && example != NONE) {
                taker.takes(place, example);
            }
        }
    }
}
