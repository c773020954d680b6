package dev.lockstep.driver.ensemble;

import dev.lockstep.worker.evaluate.Answer;
import java.util.List;

/**
 * Where the squared error of predictors that were trained independently comes from (Geman, Bienenstock, Doursat 1992),
 * as means over the examples of sums over the classes of squared differences of probabilities.
 *
 * @param bias what their mean is away from the truth, squared; noise in the labels is in it
 * @param variance what each is away from their mean, squared
 */
public record BiasVariance(double bias, double variance) {

    /**
     * The unbiased estimate: variance with n - 1, bias what it leaves of the error.
     *
     * @param predictors two or more, each with its answers to the same examples
     */
    public static BiasVariance of(List<List<Answer>> predictors) {
        int count = predictors.size();
        if (count < 2) {
            throw new IllegalArgumentException("variance needs two predictors or more, found " + count);
        }
        int examples = predictors.get(0).size();
        double error = 0;
        double spread = 0;
        for (int i = 0; i < examples; i++) {
            int label = predictors.get(0).get(i).label();
            for (int k = 0; k < predictors.get(0).get(i).outputs().length; k++) {
                double mean = 0;
                for (List<Answer> predictor : predictors) {
                    mean += predictor.get(i).outputs()[k] / (double) count;
                }
                for (List<Answer> predictor : predictors) {
                    double value = predictor.get(i).outputs()[k];
                    double truth = k == label ? 1 : 0;
                    error += (value - truth) * (value - truth) / count;
                    spread += (value - mean) * (value - mean) / (count - 1);
                }
            }
        }
        return new BiasVariance((error - spread) / examples, spread / examples);
    }
}
