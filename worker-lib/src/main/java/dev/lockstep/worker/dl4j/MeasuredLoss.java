package dev.lockstep.worker.dl4j;

import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.model.Batch;
import dev.lockstep.worker.model.objective.Metrics;
import dev.lockstep.worker.model.objective.Objective;
import java.util.Arrays;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.ILossFunction;

/**
 * A loss that also measures how good the network is while it learns: the gradient's computation is the one place where the
 * outputs of a training pass are at hand. It is the one place, too, where an example's weight comes in: the loss and its
 * gradient, which all of the network's is made of, are multiplied by it. Where all weigh 1 no number of the loss changes.
 */
public final class MeasuredLoss implements ILossFunction {
    private static final long serialVersionUID = 1L;

    private final ILossFunction loss;
    private final Metrics metrics;
    private final boolean ofOrder;
    private double[] sums = new double[0];
    private float[] weights; // of the examples of a batch, null when all weigh 1

    private MeasuredLoss(ILossFunction loss, Objective objective, int targets) {
        this.loss = loss;
        this.metrics = objective.whileLearning(targets);
        this.ofOrder = objective.isOfOrder();
    }

    /**
     * Puts one around the loss of a network.
     *
     * @param targets how many classes, labels or values it tells
     */
    public static MeasuredLoss install(Network network, Objective objective, int targets) {
        var layer = network.outputLayer().conf().getLayer();
        if (layer instanceof BaseOutputLayer output) {
            MeasuredLoss measured = new MeasuredLoss(output.getLossFn(), objective, targets);
            output.setLossFn(measured);
            return measured;
        }
        if (layer instanceof LossLayer output) {
            MeasuredLoss measured = new MeasuredLoss(output.getLossFn(), objective, targets);
            output.setLossFn(measured);
            return measured;
        }
        throw new ConfigurationException("the network's last layer is a "
                + layer.getClass().getSimpleName() + "; expected an output or a loss layer");
    }

    /** Says which batch comes next. */
    void weigh(Batch batch) {
        weights = batch.weights() == null ? null : Arrays.copyOf(batch.weights(), batch.examples());
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
        float[][] outputs = Dl4jModel.rows(said);
        float[][] targets = Dl4jModel.rows(labels);
        for (int i = 0; i < outputs.length; i++) {
            metrics.add(outputs[i], targets[i], sums);
        }
        // A copy, because some activations put their gradient into it, and a loss layer reads it again for the score.
        INDArray gradient = loss.computeGradient(labels, preOutput.dup(), activation, mask);
        return weights == null ? gradient : gradient.mulColumnVector(column(gradient));
    }

    /** The weights, one a row. */
    private INDArray column(INDArray of) {
        if (of.size(0) != weights.length) {
            throw new IllegalStateException(weights.length + " examples have weights, but the network's output has "
                    + of.size(0) + " rows; expected one for each example");
        }
        return Nd4j.createFromArray(weights).castTo(of.dataType()).reshape(weights.length, 1);
    }

    /** The weighted mean, times the examples if it is a sum that is asked for: DL4J divides that by the examples again. */
    private double weightedScore(INDArray scores, boolean average) {
        double[] ofExamples = scores.reshape(weights.length).toDoubleVector();
        double sum = 0;
        double weight = 0;
        for (int i = 0; i < weights.length; i++) {
            sum += weights[i] * ofExamples[i];
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
    public Pair<Double, INDArray> computeGradientAndScore(
            INDArray labels, INDArray preOutput, IActivation activation, INDArray mask, boolean average) {
        return Pair.of(
                computeScore(labels, preOutput, activation, mask, average),
                computeGradient(labels, preOutput, activation, mask));
    }

    @Override
    public String name() {
        return loss.name();
    }
}
