package dev.lockstep.driver.evaluate;

import dev.lockstep.worker.evaluate.Answer;
import java.util.List;

/**
 * How often a classifier is right beside how sure it is, by equal bins of the largest probability.
 *
 * @param examples in each bin
 * @param confidence the mean of the largest probability in each; NaN in an empty bin
 * @param accuracy the share that is right in each; NaN in an empty bin
 */
public record Calibration(long[] examples, double[] confidence, double[] accuracy) {
    private static final int BINS = 10;

    public static Calibration of(List<Answer> answers) {
        long[] examples = new long[BINS];
        double[] confidence = new double[BINS];
        double[] accuracy = new double[BINS];
        for (Answer answer : answers) {
            double sure = answer.outputs()[answer.predicted()];
            int bin = (int) Math.max(0, Math.min(BINS - 1, sure * BINS)); // NaN is 0
            examples[bin]++;
            confidence[bin] += sure;
            accuracy[bin] += answer.predicted() == answer.label() ? 1 : 0;
        }
        for (int bin = 0; bin < BINS; bin++) {
            confidence[bin] /= examples[bin];
            accuracy[bin] /= examples[bin];
        }
        return new Calibration(examples, confidence, accuracy);
    }

    /** The mean distance of confidence and accuracy, each bin by its examples; NaN without any. */
    public double error() {
        double sum = 0;
        long all = 0;
        for (int bin = 0; bin < examples.length; bin++) {
            if (examples[bin] > 0) {
                sum += examples[bin] * Math.abs(confidence[bin] - accuracy[bin]);
                all += examples[bin];
            }
        }
        return sum / all;
    }
}
