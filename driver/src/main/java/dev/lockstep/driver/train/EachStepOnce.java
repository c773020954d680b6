package dev.lockstep.driver.train;

import dev.lockstep.driver.evaluate.Scores;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.loop.StepReport;

/** Passes a run by to another monitor, without the steps that are run again after a loss. */
public final class EachStepOnce implements TrainingMonitor {
    private final TrainingMonitor monitor;
    private long next;

    /** @param first the first step to be passed on */
    public EachStepOnce(TrainingMonitor monitor, long first) {
        this.monitor = monitor;
        this.next = first;
    }

    @Override
    public void stepDone(StepReport step) {
        if (step.metrics().id().step() == next) {
            next++;
            monitor.stepDone(step);
        }
    }

    @Override
    public void evaluated(SplitName split, TrainingState state, Scores scores) {
        monitor.evaluated(split, state, scores);
    }

    @Override
    public void checkpoint(TrainingState state) {
        monitor.checkpoint(state);
    }

    @Override
    public boolean stopRequested() {
        return monitor.stopRequested();
    }
}
