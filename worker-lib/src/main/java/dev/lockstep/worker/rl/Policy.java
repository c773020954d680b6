package dev.lockstep.worker.rl;

import dev.lockstep.worker.seed.SplitMix64;
import java.io.Serializable;

/**
 * How actions follow from what a brain answers.
 *
 * @param actions the first answers, one for each
 * @param exploration of {@link Choice#EPSILON_GREEDY}, how often any action is taken, in [0, 1]
 */
public record Policy(Brain brain, int actions, Choice choice, double exploration) implements Serializable {

    /** Which action is taken. */
    public enum Choice {
        /** The one with the largest answer; of equal ones the first. */
        BEST,
        /** That one, or now and then any. */
        EPSILON_GREEDY,
        /** Each with the probability that softmax makes of the answers. */
        BY_PROBABILITY
    }

    /** The same brain without chance. */
    public static Policy best(Brain brain, int actions) {
        return new Policy(brain, actions, Choice.BEST, 0);
    }

    int choose(float[] answers, SplitMix64 random) {
        return switch (choice) {
            case BEST -> best(answers, actions);
            case EPSILON_GREEDY ->
                random.nextDouble() < exploration ? (int) random.nextLong(actions) : best(answers, actions);
            case BY_PROBABILITY -> draw(logProbabilities(answers, actions), random.nextDouble());
        };
    }

    private static int draw(double[] logProbabilities, double chance) {
        double left = chance;
        int action = 0;
        while (action < logProbabilities.length - 1 && left >= StrictMath.exp(logProbabilities[action])) {
            left -= StrictMath.exp(logProbabilities[action++]);
        }
        return action;
    }

    /** The place of the largest of the first so many answers. */
    public static int best(float[] answers, int actions) {
        int best = 0;
        for (int action = 1; action < actions; action++) {
            if (answers[action] > answers[best]) {
                best = action;
            }
        }
        return best;
    }

    /** The logarithm of softmax of the first so many answers. */
    public static double[] logProbabilities(float[] answers, int actions) {
        double largest = answers[best(answers, actions)];
        double sum = 0;
        for (int action = 0; action < actions; action++) {
            sum += StrictMath.exp(answers[action] - largest);
        }
        double[] logs = new double[actions];
        for (int action = 0; action < actions; action++) {
            logs[action] = answers[action] - largest - StrictMath.log(sum);
        }
        return logs;
    }
}
