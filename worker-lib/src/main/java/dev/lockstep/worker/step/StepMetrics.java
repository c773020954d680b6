package dev.lockstep.worker.step;

import dev.lockstep.worker.model.objective.Accuracy;
import java.io.Serializable;
import java.util.Map;

/**
 * What one optimizer step showed.
 *
 * @param loss the mean over the batch's examples, weighted, with regularisation as DL4J's score has it
 * @param figures of the objective's metrics about the batch before the step, by name; each example counts once
 * @param gradientNorm the L2 norm of the gradient averaged over the batch, weighted, without regularisation and running statistics
 * @param layerGradientNorms the same for each layer with parameters, by the layer's index in the network
 * @param learningRate the rate used
 */
public record StepMetrics(
        StepId id,
        double loss,
        Map<String, Double> figures,
        double gradientNorm,
        Map<Integer, Double> layerGradientNorms,
        double learningRate)
        implements Serializable {

    /** The share of the batch's examples classified rightly, in [0, 1]; NaN where there are no classes. */
    public double accuracy() {
        return figures.getOrDefault(Accuracy.NAME, Double.NaN);
    }
}
