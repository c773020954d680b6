package dev.lockstep.worker.exchange;

import java.util.function.BooleanSupplier;

/** How a member waits. */
interface Patience {
    /**
     * Returns when a condition holds that the team guards.
     *
     * @param what is waited for
     * @throws RuntimeException when there is no point in waiting on
     */
    void await(BooleanSupplier condition, String what);
}
