package dev.lockstep.worker.exchange;

import java.util.function.BooleanSupplier;

/** Time, and waiting in it. */
interface Clock {
    Clock SYSTEM = new SystemClock();

    /** Nanoseconds since some moment of this JVM. */
    long nanos();

    /**
     * Waits for a condition that is guarded by a lock, and notified through it. The caller does not hold the lock.
     *
     * @param millis how long at most; 0 only looks
     * @return whether the condition holds; it may not even before the time is over
     */
    boolean await(Object lock, BooleanSupplier condition, long millis) throws InterruptedException;

    /**
     * Waits a moment for what a neighbour in this JVM is about to do, without giving the core away.
     *
     * @param threads how many of this JVM wait for each other
     * @param condition needs no lock
     */
    void spin(int threads, BooleanSupplier condition);
}
