package dev.lockstep.driver.loop;

import dev.lockstep.driver.evaluate.Scores;
import dev.lockstep.driver.evaluate.SplitName;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.loop.StepListener;
import dev.lockstep.worker.loop.StepReport;
import java.util.List;

/**
 * Sees a training run go by, and has its say where the loop rests; called on the training thread, in order. What is not
 * overridden does nothing.
 */
public interface LoopListener extends StepListener {

    /** Several as one, each called in this order. */
    static LoopListener of(LoopListener... all) {
        return new LoopListeners(List.of(all));
    }

    /** A run with a folder begins or goes on; {@code totalSteps} are those of all of it. */
    default void begins(long totalSteps, long stepsPerEpoch) {}

    /** A step is done; each is told of once, though it may have been run again. */
    @Override
    default void stepDone(StepReport step) {}

    /** The first number of steps done, above this many, after which this one wants the loop to rest. */
    default long nextRest(long stepsDone) {
        return Long.MAX_VALUE;
    }

    /**
     * The loop rests: the model is here.
     *
     * @param before how many steps were done when it last did
     * @param last whether training ends here
     * @return the state to go on with: this one, or one that remembers something else
     */
    default TrainingState rests(TrainingState state, long before, boolean last) {
        return state;
    }

    /** The model was evaluated on a split. */
    default void evaluated(SplitName split, TrainingState state, Scores scores) {}

    /** A checkpoint of this state is due. */
    default void checkpoint(TrainingState state) {}

    /** Something else worth a line. */
    default void message(String text) {}

    /**
     * The one signal to stop, asked after each round.
     *
     * @param state where the loop last rested; more steps may be done
     */
    default boolean shouldStop(TrainingState state) {
        return false;
    }
}
