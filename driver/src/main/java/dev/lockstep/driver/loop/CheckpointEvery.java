package dev.lockstep.driver.loop;

import dev.lockstep.driver.config.Every;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.loop.Rounds;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Says when checkpoints are due: now and then, at the last place from which the run can be made longer, and where it ends.
 *
 * @param finished whether a run ends with a state, whatever steps are left
 * @param due told of each state that is to become a checkpoint
 */
record CheckpointEvery(
        Every every, long stepsPerEpoch, Rounds rounds, Predicate<TrainingState> finished, Consumer<TrainingState> due)
        implements LoopListener {

    @Override
    public long nextRest(long stepsDone) {
        long next = every.next(stepsDone, stepsPerEpoch);
        return stepsDone < rounds.lastWhole() ? Math.min(next, rounds.lastWhole()) : next;
    }

    @Override
    public TrainingState rests(TrainingState state, long before, boolean last) {
        if (last
                || finished.test(state)
                || state.step() == rounds.lastWhole()
                || every.isDue(before, state.step(), stepsPerEpoch)) {
            due.accept(state);
        }
        return state;
    }
}
