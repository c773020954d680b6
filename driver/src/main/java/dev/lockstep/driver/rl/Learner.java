package dev.lockstep.driver.rl;

import dev.lockstep.driver.config.RlConfig;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.rl.Brain;
import dev.lockstep.worker.rl.Episode;
import dev.lockstep.worker.rl.Policy;
import java.util.List;

/** How an agent comes from episodes to a better policy. It keeps nothing: all that it knows is in the state. */
interface Learner {

    /**
     * What came of an iteration.
     *
     * @param state with the memory as it was, but for what is remembered to learn from again
     * @param loss the mean over what was learnt from; NaN where nothing was
     */
    record Lesson(TrainingState state, double loss) {}

    /** Before the first episode. */
    TrainingState start();

    /** Who answers. */
    Brain brain(TrainingState state);

    /** How it acts in order to learn. */
    Policy acting(TrainingState state);

    /** @param lived the iteration's episodes, in order */
    Lesson learn(TrainingState state, List<Episode> lived);

    /** The way that a configuration names. */
    static Learner of(RlConfig config, Actors actors) {
        return switch (config.algorithm().method()) {
            case Q_LEARNING -> new TableLearner(config);
            case DQN -> new ValueLearner(config, new Student(config, actors));
            case REINFORCE, PPO -> new PolicyLearner(config, new Student(config, actors));
        };
    }
}
