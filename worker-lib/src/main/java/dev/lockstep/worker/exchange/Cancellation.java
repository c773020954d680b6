package dev.lockstep.worker.exchange;

/** Whether a task was told to end. */
@FunctionalInterface
interface Cancellation {
    boolean requested();
}
