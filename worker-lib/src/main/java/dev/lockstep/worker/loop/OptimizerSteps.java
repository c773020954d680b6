package dev.lockstep.worker.loop;

import java.util.Locale;

/** How the executors of a gang take optimizer steps. */
public enum OptimizerSteps {
    /** Each for a part of the elements, whose parameters it tells the others. */
    SHARDED,
    /** Each for all of them. */
    REPLICATED;

    /** As files have it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
