package dev.lockstep.worker.dl4j;

import dev.lockstep.worker.failure.ConfigurationException;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.lossfunctions.ILossFunction;

/**
 * A loss that also counts how many examples the network gets right while it learns from them: the gradient's
 * computation is the one place where the outputs of a training pass are at hand. Changes no number of the loss.
 */
public final class HitCounter implements ILossFunction {
    private static final long serialVersionUID = 1L;

    private final ILossFunction loss;
    private int correct;

    private HitCounter(ILossFunction loss) {
        this.loss = loss;
    }

    /** Puts a counter around the loss of a network. */
    public static HitCounter install(Network network) {
        var layer = network.outputLayer().conf().getLayer();
        if (layer instanceof BaseOutputLayer output) {
            HitCounter counter = new HitCounter(output.getLossFn());
            output.setLossFn(counter);
            return counter;
        }
        if (layer instanceof LossLayer output) {
            HitCounter counter = new HitCounter(output.getLossFn());
            output.setLossFn(counter);
            return counter;
        }
        throw new ConfigurationException("the network's last layer is a "
                + layer.getClass().getSimpleName() + "; expected an output or a loss layer");
    }

    /** The examples got right in the last gradient. */
    public int correct() {
        return correct;
    }

    @Override
    public INDArray computeGradient(INDArray labels, INDArray preOutput, IActivation activation, INDArray mask) {
        // Every output activation we have is monotone within an example, so the largest sum is the largest output.
        int[] predicted = preOutput.argMax(1).toIntVector();
        int[] expected = labels.argMax(1).toIntVector();
        correct = 0;
        for (int i = 0; i < predicted.length; i++) {
            correct += predicted[i] == expected[i] ? 1 : 0;
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
