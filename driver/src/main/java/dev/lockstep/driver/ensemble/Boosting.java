package dev.lockstep.driver.ensemble;

import dev.lockstep.driver.evaluate.Evaluator.Answer;
import java.util.Arrays;
import java.util.List;

/**
 * AdaBoost for several classes: SAMME (Zhu, Zou, Rosset, Hastie 2009), which for two classes is AdaBoost.M1 (Freund,
 * Schapire 1997). What the last member got wrong weighs more for the next one.
 *
 * @param weights of the training examples, which add up to 1
 */
public record Boosting(double[] weights) {

    /**
     * A member put in.
     *
     * @param vote its weight, log((1 - err) / err) + log(K - 1), with err the weighted share that it got wrong; 0 when it
     *     is no better than guessing
     * @param next the weights for the next member
     */
    public record Round(double vote, Boosting next) {}

    /** Before the first member: all examples weigh the same. */
    public static Boosting start(int examples) {
        double[] weights = new double[examples];
        Arrays.fill(weights, 1.0 / examples);
        return new Boosting(weights);
    }

    /**
     * Puts in a member.
     *
     * @param answers its answers to the training examples, in their order
     * @param classes K
     */
    public Round add(List<Answer> answers, int classes) {
        double wrong = 0;
        for (int i = 0; i < weights.length; i++) {
            wrong += isWrong(answers.get(i)) ? weights[i] : 0;
        }
        // One that gets everything right would have all of the say; half an example is the most that is not known.
        double error = Math.max(wrong, 0.5 / weights.length);
        double vote = Math.log((1 - error) / error) + Math.log(classes - 1);
        if (vote <= 0) {
            return new Round(0, start(weights.length));
        }
        double[] next = new double[weights.length];
        double sum = 0;
        for (int i = 0; i < next.length; i++) {
            next[i] = weights[i] * (isWrong(answers.get(i)) ? Math.exp(vote) : 1);
            sum += next[i];
        }
        for (int i = 0; i < next.length; i++) {
            next[i] /= sum;
        }
        return new Round(vote, new Boosting(next));
    }

    private static boolean isWrong(Answer answer) {
        return answer.predicted() != answer.label();
    }
}
