package dev.lockstep.worker.dl4j;

import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.model.objective.Metrics;
import dev.lockstep.worker.model.objective.Objective;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.lossfunctions.ILossFunction;

/**
 * A loss that also measures how good the network is while it learns: the gradient's computation is the one place where the
 * outputs of a training pass are at hand. Changes no number of the loss.
 */
public final class MeasuredLoss implements ILossFunction {
    private static final long serialVersionUID = 1L;

    private final ILossFunction loss;
    private final Metrics metrics;
    private final boolean ofOrder;
    private double[] sums = new double[0];

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

    /** The sums of the metrics over the examples of the last gradient. */
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
        return loss.computeGradient(labels, preOutput.dup(), activation, mask);
    }

    @Override
    public double computeScore(
            INDArray labels, INDArray preOutput, IActivation activation, INDArray mask, boolean average) {
        return loss.computeScore(labels, preOutput, activation, mask, average);
    }

    @Override
    public INDArray computeScoreArray(INDArray labels, INDArray preOutput, IActivation activation, INDArray mask) {
        return loss.computeScoreArray(labels, preOutput, activation, mask);
    }

    @Override
    public Pair<Double, INDArray> computeGradientAndScore(
            INDArray labels, INDArray preOutput, IActivation activation, INDArray mask, boolean average) {
        return loss.computeGradientAndScore(labels, preOutput, activation, mask, average);
    }

    @Override
    public String name() {
        return loss.name();
    }
}
