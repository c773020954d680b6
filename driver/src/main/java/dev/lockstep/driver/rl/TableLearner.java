package dev.lockstep.driver.rl;

import dev.lockstep.driver.config.RlConfig;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.reduce.FloatArray;
import dev.lockstep.worker.rl.Brain;
import dev.lockstep.worker.rl.Environment.Space;
import dev.lockstep.worker.rl.Episode;
import dev.lockstep.worker.rl.Policy;
import java.util.List;

/**
 * Q-learning (Watkins: "Learning from delayed rewards", 1989): Q(s, a) moves by the learning rate towards r + discount max Q(s', .),
 * step by step, episode after episode. The table is the state's parameters.
 */
final class TableLearner implements Learner {
    private final RlConfig.Algorithm algorithm;
    private final Space space;

    TableLearner(RlConfig config) {
        this.algorithm = config.algorithm();
        this.space = config.world().space();
    }

    @Override
    public TrainingState start() {
        return new TrainingState(0, new float[space.states() * space.actions()], new float[0]);
    }

    @Override
    public Brain brain(TrainingState state) {
        return new Brain.Table(space.actions(), FloatArray.of(state.parameters()));
    }

    @Override
    public Policy acting(TrainingState state) {
        double exploration =
                algorithm.exploration().at(state.memory().experience().iterations());
        return new Policy(brain(state), space.actions(), Policy.Choice.EPSILON_GREEDY, exploration);
    }

    @Override
    public Lesson learn(TrainingState state, List<Episode> lived) {
        float[] table = state.parameters().clone();
        double squares = 0;
        long steps = 0;
        for (Episode episode : lived) {
            for (int step = 0; step < episode.steps(); step++) {
                boolean end = episode.ended() && step == episode.steps() - 1;
                double then = end ? 0 : largest(table, episode.states()[step + 1]);
                int place = episode.states()[step] * space.actions() + episode.actions()[step];
                double error = episode.rewards()[step] + algorithm.discount() * then - table[place];
                table[place] = (float) (table[place] + algorithm.learningRate() * error);
                squares += error * error;
                steps++;
            }
        }
        return new Lesson(state.after(state.step() + 1, table, new float[0], null), squares / (2 * steps));
    }

    private double largest(float[] table, int state) {
        double largest = Double.NEGATIVE_INFINITY;
        for (int action = 0; action < space.actions(); action++) {
            largest = Math.max(largest, table[state * space.actions() + action]);
        }
        return largest;
    }
}
