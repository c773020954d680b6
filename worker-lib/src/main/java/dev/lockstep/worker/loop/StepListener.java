package dev.lockstep.worker.loop;

/** Sees optimizer steps go by, in order. */
@FunctionalInterface
public interface StepListener {
    void stepDone(StepReport step);
}
