package dev.lockstep.driver.run;

import dev.lockstep.driver.evaluate.Scores;
import dev.lockstep.driver.train.TrainingMonitor.SplitName;
import dev.lockstep.worker.loop.StepReport;

/** Shows someone how a run's training goes; called on the training thread. */
public interface Progress {

    void step(StepReport report);

    void evaluation(SplitName split, long stepsDone, Scores scores);

    /** Something else worth a line. */
    void message(String text);
}
