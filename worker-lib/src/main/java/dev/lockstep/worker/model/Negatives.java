package dev.lockstep.worker.model;

import java.io.Serializable;
import java.util.List;

/**
 * Negative sampling, Mikolov et al. 2013 ("Distributed representations of words and phrases and their compositionality"): from an
 * example's class and k others that are drawn for it a network learns as from k + 1 questions of yes or no, in the place of softmax over
 * all classes, E = -log sigmoid(x w_class) - sum of log sigmoid(-x w_other). Class c is drawn with a probability in proportion to
 * n_c^(3/4), where it comes up n_c times; the example's own is drawn anew. In evaluation the network says softmax of x w over all.
 *
 * @param count k, from 1
 * @param occurrences n_c of each class, from 0, at least two of them above; empty when all come up as often
 */
public record Negatives(int count, List<Double> occurrences) implements Serializable {
    private static final double POWER = 0.75;

    public Negatives {
        occurrences = List.copyOf(occurrences);
    }

    /**
     * Sums of the classes' shares, of which the last is their total.
     *
     * @param classes how many there are
     */
    public double[] sums(int classes) {
        double[] sums = new double[classes];
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            sum += occurrences.isEmpty() ? 1 : StrictMath.pow(occurrences.get(c), POWER);
            sums[c] = sum;
        }
        return sums;
    }
}
