package dev.lockstep.driver.train;

import dev.lockstep.driver.evaluate.Scores;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.loop.StepReport;

/** Sees a training run go by; called on the training thread, in order. */
public interface TrainingMonitor {

    /** The splits of the data that are looked at. */
    enum SplitName {
        TRAIN,
        VALIDATION,
        TEST
    }

    void stepDone(StepReport step);

    /** The network was evaluated on a split. */
    void evaluated(SplitName split, TrainingState state, Scores scores);

    /** A checkpoint of this state is due. */
    void checkpoint(TrainingState state);

    /** Whether to end after the step just done. */
    boolean stopRequested();
}
