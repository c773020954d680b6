package dev.lockstep.driver.loop;

import dev.lockstep.driver.evaluate.Scores;
import dev.lockstep.driver.evaluate.SplitName;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.loop.StepReport;
import java.util.List;

/** Several listeners as one. */
record LoopListeners(List<LoopListener> all) implements LoopListener {

    @Override
    public void begins(long totalSteps, long stepsPerEpoch) {
        all.forEach(each -> each.begins(totalSteps, stepsPerEpoch));
    }

    @Override
    public void stepDone(StepReport step) {
        all.forEach(each -> each.stepDone(step));
    }

    @Override
    public long nextRest(long stepsDone) {
        return all.stream().mapToLong(each -> each.nextRest(stepsDone)).min().orElse(Long.MAX_VALUE);
    }

    @Override
    public TrainingState rests(TrainingState state, long before, boolean last) {
        TrainingState now = state;
        for (LoopListener each : all) {
            now = each.rests(now, before, last);
        }
        return now;
    }

    @Override
    public void evaluated(SplitName split, TrainingState state, Scores scores) {
        all.forEach(each -> each.evaluated(split, state, scores));
    }

    @Override
    public void checkpoint(TrainingState state) {
        all.forEach(each -> each.checkpoint(state));
    }

    @Override
    public void message(String text) {
        all.forEach(each -> each.message(text));
    }

    @Override
    public boolean shouldStop(TrainingState state) {
        return all.stream().anyMatch(each -> each.shouldStop(state));
    }
}
