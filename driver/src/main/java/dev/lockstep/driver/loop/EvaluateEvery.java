package dev.lockstep.driver.loop;

import dev.lockstep.driver.config.Every;
import dev.lockstep.driver.evaluate.Scores;
import dev.lockstep.driver.evaluate.SplitName;
import dev.lockstep.driver.state.Memory;
import dev.lockstep.driver.state.TrainingState;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Evaluates the model now and then, and where training ends.
 *
 * @param scores evaluates a state on every split that there is
 * @param consequences what the evaluations that are due lead to
 */
record EvaluateEvery(
        Every every,
        long stepsPerEpoch,
        Function<TrainingState, Map<SplitName, Scores>> scores,
        List<Consequence> consequences)
        implements LoopListener {

    /** What an evaluation leads to. */
    interface Consequence {
        /** @return what a state remembers that was evaluated */
        Memory after(TrainingState state, Map<SplitName, Scores> scores);
    }

    @Override
    public long nextRest(long stepsDone) {
        return every.next(stepsDone, stepsPerEpoch);
    }

    @Override
    public TrainingState rests(TrainingState state, long before, boolean last) {
        boolean due = every.isDue(before, state.step(), stepsPerEpoch);
        if (!due && !last) {
            return state;
        }
        Map<SplitName, Scores> seen = scores.apply(state);
        TrainingState now = state;
        if (due) { // not one that is only due because training ends here: a longer run would not have had it
            for (Consequence consequence : consequences) {
                now = now.with(consequence.after(now, seen));
            }
        }
        return now;
    }
}
