package dev.lockstep.driver.ensemble;

import dev.lockstep.worker.evaluate.Answer;
import java.util.Arrays;
import java.util.List;

/**
 * AdaBoost for several classes: what the last member got wrong weighs more for the next one.
 *
 * @param weights of the training examples, which add up to 1
 */
public record Boosting(Rule rule, double[] weights) {

    /** How much say a member has, by the weighted share err that it got wrong of K classes. */
    public enum Rule {
        /** log((1 - err) / err): Freund, Schapire 1997; members must be right more often than not. */
        ADABOOST_M1,
        /** log((1 - err) / err) + log(K - 1): Zhu, Zou, Rosset, Hastie 2009; members must be better than guessing. */
        SAMME
    }

    /**
     * A member put in.
     *
     * @param vote its weight; 0 when it is not as good as the rule needs it
     * @param next the weights for the next member
     */
    public record Round(double vote, Boosting next) {}

    /** Before the first member: all examples weigh the same. */
    public static Boosting start(Rule rule, int examples) {
        double[] weights = new double[examples];
        Arrays.fill(weights, 1.0 / examples);
        return new Boosting(rule, weights);
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
        double vote = Math.log((1 - error) / error) + (rule == Rule.SAMME ? Math.log(classes - 1) : 0);
        if (vote <= 0) {
            return new Round(0, start(rule, weights.length));
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
        return new Round(vote, new Boosting(rule, next));
    }

    private static boolean isWrong(Answer answer) {
        return answer.predicted() != answer.label();
    }
}
