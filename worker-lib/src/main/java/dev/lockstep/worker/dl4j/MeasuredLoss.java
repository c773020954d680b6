package dev.lockstep.worker.dl4j;

import dev.lockstep.worker.model.Batch;
import dev.lockstep.worker.model.objective.Metrics;
import dev.lockstep.worker.model.objective.Objective;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.ILossFunction;

/**
 * A loss that also measures how good the network is while it learns: the gradient's computation is the one place where the
 * outputs of a training pass are at hand. It is the one place, too, where an example's weight comes in: the loss and its
 * gradient, which all of the network's is made of, are multiplied by it. Where all weigh 1 no number of the loss changes.
 */
public final class MeasuredLoss implements OwnLoss {
    private static final long serialVersionUID = 1L;

    private final ILossFunction loss;
    private final Metrics metrics;
    private final boolean ofOrder;
    private double[] sums = new double[0];
    private float[] weights; // of the examples of a batch, null when all weigh 1
    private int examples; // of the batch
    private int[] begins; // of its examples, the first step to be told
    private int[] lengths; // of its examples, where every step has a target; else null

    private MeasuredLoss(ILossFunction loss, Objective objective, Metrics metrics) {
        this.loss = loss;
        this.metrics = metrics;
        this.ofOrder = objective.isOfOrder();
    }

    /**
     * Puts one around the loss of a network.
     *
     * @param targets how many classes, labels or values it tells
     */
    public static MeasuredLoss install(Network network, Objective objective, int targets) {
        return install(network, objective, objective.whileLearning(targets, false));
    }

    /** @param metrics what is measured in every step */
    static MeasuredLoss install(Network network, Objective objective, Metrics metrics) {
        return network.wrapLoss(loss -> new MeasuredLoss(loss, objective, metrics));
    }

    /** Says which batch comes next. */
    void weigh(Batch batch) {
        weights = batch.weights() == null ? null : Arrays.copyOf(batch.weights(), batch.examples());
        examples = batch.examples();
        lengths = null;
        if (batch.everyStep()) {
            begins = IntStream.range(0, examples).map(batch::begin).toArray();
            lengths = IntStream.range(0, examples).map(batch::length).toArray();
        }
    }

    /** The sums of the metrics over the examples of the last gradient, each counted once. */
    public double[] sums() {
        return sums;
    }

    @Override
    public INDArray computeGradient(INDArray labels, INDArray preOutput, IActivation activation, INDArray mask) {
        sums = new double[metrics.sums()];
        // Every output activation of a classifier is monotone within an example: the largest sum is the largest output.
        INDArray said = ofOrder ? preOutput : activation.getActivation(preOutput.dup(), true);
        float[][] outputs = ofExamples(Dl4jModel.rows(said));
        float[][] targets = ofExamples(Dl4jModel.rows(labels));
        for (int i = 0; i < outputs.length; i++) {
            metrics.add(outputs[i], targets[i], sums);
        }
        // A copy, because some activations put their gradient into it, and a loss layer reads it again for the score.
        INDArray gradient = loss.computeGradient(labels, preOutput.dup(), activation, mask);
        return weights == null ? gradient : gradient.mulColumnVector(column(gradient));
    }

    /** What DL4J has in rows, step by step of all examples, as {@code [examples][steps * values]}, of those to be told. */
    private float[][] ofExamples(float[][] rows) {
        if (lengths == null) {
            return rows;
        }
        float[][] sequences = new float[examples][];
        for (int n = 0; n < examples; n++) {
            int values = rows[n].length;
            sequences[n] = new float[(lengths[n] - begins[n]) * values];
            for (int t = begins[n]; t < lengths[n]; t++) {
                System.arraycopy(rows[t * examples + n], 0, sequences[n], (t - begins[n]) * values, values);
            }
        }
        return sequences;
    }

    /** The weights, one a row: of each step those of all examples. */
    private INDArray column(INDArray of) {
        int rows = (int) of.size(0);
        if (rows != weights.length && (lengths == null || rows % weights.length != 0)) {
            throw new IllegalStateException(weights.length + " examples have weights, but the network's output has "
                    + rows + " rows; expected one for each example");
        }
        float[] all = new float[rows];
        for (int row = 0; row < rows; row++) {
            all[row] = weights[row % weights.length];
        }
        return Nd4j.createFromArray(all).castTo(of.dataType()).reshape(rows, 1);
    }

    /** The weighted mean, times the examples if it is a sum that is asked for: DL4J divides that by the examples again. */
    private double weightedScore(INDArray scores, boolean average) {
        double[] ofRows = scores.reshape(scores.length()).toDoubleVector();
        double sum = 0;
        double weight = 0;
        for (int i = 0; i < weights.length; i++) {
            for (int row = i; row < ofRows.length; row += weights.length) {
                sum += weights[i] * ofRows[row];
            }
            weight += weights[i];
        }
        return average ? sum / weight : sum / weight * weights.length;
    }

    @Override
    public double computeScore(
            INDArray labels, INDArray preOutput, IActivation activation, INDArray mask, boolean average) {
        return weights == null
                ? loss.computeScore(labels, preOutput, activation, mask, average)
                : weightedScore(loss.computeScoreArray(labels, preOutput, activation, mask), average);
    }

    @Override
    public INDArray computeScoreArray(INDArray labels, INDArray preOutput, IActivation activation, INDArray mask) {
        return loss.computeScoreArray(labels, preOutput, activation, mask);
    }

    @Override
    public String name() {
        return loss.name();
    }
}
