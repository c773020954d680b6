package dev.lockstep.driver.evaluate;

import java.io.Serializable;
import java.util.List;

/**
 * How well a network did on some examples.
 *
 * @param loss the mean over the examples, without regularisation
 * @param confusion how many examples of class i were taken for class j, {@code [classes][classes]}
 */
public record Scores(double loss, long[][] confusion) implements Serializable {

    /** The smallest probability that a logarithm is taken of, as DL4J's cross-entropy does it. */
    private static final double SMALLEST = 1e-10;

    /** The scores of answers that are probabilities: their loss is the cross-entropy, mean -log p of the true class. */
    public static Scores of(List<Evaluator.Answer> answers, int classes) {
        double lossSum = 0;
        long[][] confusion = new long[classes][classes];
        for (Evaluator.Answer answer : answers) {
            lossSum -= Math.log(Math.max(SMALLEST, answer.probabilities()[answer.label()]));
            confusion[answer.label()][answer.predicted()]++;
        }
        return new Scores(lossSum / answers.size(), confusion);
    }

    public int classes() {
        return confusion.length;
    }

    public long examples() {
        long total = 0;
        for (int i = 0; i < classes(); i++) {
            total += support(i);
        }
        return total;
    }

    /** The share classified rightly, in [0, 1]. */
    public double accuracy() {
        long right = 0;
        for (int i = 0; i < classes(); i++) {
            right += confusion[i][i];
        }
        return (double) right / examples();
    }

    /** How many examples are of this class. */
    public long support(int of) {
        long total = 0;
        for (long count : confusion[of]) {
            total += count;
        }
        return total;
    }

    /** Of the examples taken for this class, the share that are; NaN when there are none. */
    public double precision(int of) {
        long taken = 0;
        for (long[] row : confusion) {
            taken += row[of];
        }
        return (double) confusion[of][of] / taken;
    }

    /** Of this class's examples, the share that were found; NaN when there are none. */
    public double recall(int of) {
        return (double) confusion[of][of] / support(of);
    }

    /** The harmonic mean of precision and recall: 2 TP / (2 TP + FP + FN); NaN when there is nothing to count. */
    public double f1(int of) {
        long taken = 0;
        for (long[] row : confusion) {
            taken += row[of];
        }
        return 2.0 * confusion[of][of] / (taken + support(of));
    }
}
