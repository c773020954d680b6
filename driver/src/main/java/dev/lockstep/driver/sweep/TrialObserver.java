package dev.lockstep.driver.sweep;

/** Sees trials go by; called from the threads of all of them, but by one at a time. */
public interface TrialObserver {

    /** @param restStep where it ends or rests */
    default void progressed(Trial trial, long stepsDone, long restStep) {}

    /** A trial ended or rests, whichever way; also told of those that had ended before, in an earlier session. */
    default void ended(TrialResult result) {}

    /** Whether to begin no more trials, and to end the running ones after the step just done. */
    boolean stopRequested();
}
