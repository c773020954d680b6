package dev.lockstep.driver.rl;

import dev.lockstep.driver.config.RlConfig;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.rl.Brain;
import dev.lockstep.worker.rl.Episode;
import dev.lockstep.worker.rl.Policy;
import java.util.ArrayList;
import java.util.List;

/**
 * REINFORCE with a baseline (Williams 1992; Sutton, Barto 2018, 13.4) and PPO (Schulman et al. 2017): one network has a
 * preference for each action and says what is to come. What actions were worth follows from generalised advantages (Schulman
 * et al.: "High-dimensional continuous control using generalized advantage estimation", 2016), which with lambda = 1 are the
 * returns less the baseline; behind a cut, what is said to be to come stands for it.
 */
final class PolicyLearner implements Learner {
    private static final double SMALL = 1e-8;

    private final RlConfig config;
    private final Student student;

    PolicyLearner(RlConfig config, Student student) {
        this.config = config;
        this.student = student;
    }

    @Override
    public TrainingState start() {
        return student.start();
    }

    @Override
    public Brain brain(TrainingState state) {
        return student.brain(state);
    }

    @Override
    public Policy acting(TrainingState state) {
        return new Policy(brain(state), config.world().space().actions(), Policy.Choice.BY_PROBABILITY, 0);
    }

    @Override
    public Lesson learn(TrainingState state, List<Episode> lived) {
        double discount = config.algorithm().discount();
        double lambda = config.algorithm().lambda();
        List<double[]> advantages = lived.stream()
                .map(episode -> advantages(episode, discount, lambda))
                .toList();
        double mean = 0;
        double deviation = 1;
        if (config.algorithm().normalise()) {
            long count = advantages.stream().mapToLong(of -> of.length).sum();
            double sum = 0;
            double squares = 0;
            for (double[] of : advantages) {
                for (double advantage : of) {
                    sum += advantage;
                    squares += advantage * advantage;
                }
            }
            mean = sum / count;
            deviation = Math.sqrt(Math.max(0, squares / count - mean * mean)) + SMALL;
        }
        List<byte[]> examples = new ArrayList<>();
        for (int e = 0; e < advantages.size(); e++) {
            Episode episode = lived.get(e);
            for (int step = 0; step < episode.steps(); step++) {
                double advantage = advantages.get(e)[step];
                examples.add(student.example(
                        episode.observation(step),
                        episode.actions()[step],
                        (advantage - mean) / deviation,
                        advantage + episode.values()[step],
                        episode.logProbabilities()[step]));
            }
        }
        return student.learn(state, examples);
    }

    /** Of each step: how much more came of it than was expected. */
    static double[] advantages(Episode episode, double discount, double lambda) {
        double[] advantages = new double[episode.steps()];
        double later = 0;
        for (int step = episode.steps() - 1; step >= 0; step--) {
            double surprise = episode.rewards()[step] + discount * episode.values()[step + 1] - episode.values()[step];
            later = surprise + discount * lambda * later;
            advantages[step] = later;
        }
        return advantages;
    }
}
