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
}
