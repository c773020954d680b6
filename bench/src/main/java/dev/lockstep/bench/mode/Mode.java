package dev.lockstep.bench.mode;

/** A way to train a {@link Workload}. Every mode is run in windows, in turn with the others. */
public interface Mode extends AutoCloseable {

    String name();

    /** How the tasks come together after a step; "none" when they do not. */
    String exchange();

    int tasks();

    /** How many steps a window has that should have about so many: for a mode that only makes sense in larger units. */
    default int windowSteps(int wanted) {
        return wanted;
    }

    /** Whether every window starts from nothing, so that there is nothing to warm up. */
    default boolean startsAnew() {
        return false;
    }

    /**
     * Trains for some steps from the workload's first state, and measures.
     *
     * @param steps at least 1; what depends on this number alone may be kept for the next window, so the first window of
     *     a new number is a warm-up
     */
    TimedSteps run(int steps);

    /** Gives back memory, threads and files; Spark stays. */
    @Override
    void close();
}
