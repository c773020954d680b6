package dev.lockstep.driver.loop;

import dev.lockstep.worker.loop.StepListener;
import dev.lockstep.worker.loop.StepReport;

/** Passes steps on, without those that are run again after a loss. */
final class EachStepOnce implements StepListener {
    private final StepListener listener;
    private long next;

    /** @param first the first step to be passed on */
    EachStepOnce(StepListener listener, long first) {
        this.listener = listener;
        this.next = first;
    }

    @Override
    public void stepDone(StepReport step) {
        if (step.metrics().id().step() == next) {
            next++;
            listener.stepDone(step);
        }
    }
}
