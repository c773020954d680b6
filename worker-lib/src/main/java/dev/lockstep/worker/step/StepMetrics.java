package dev.lockstep.worker.step;

import java.io.Serializable;
import java.util.Map;

/**
 * What one optimizer step showed.
 *
 * @param loss the mean over the batch's examples, with regularisation as DL4J's score has it
 * @param accuracy the share of the batch's examples classified rightly before the step, in [0, 1]
 * @param gradientNorm the L2 norm of the gradient averaged over the batch, without regularisation and running statistics
 * @param layerGradientNorms the same for each layer with parameters, by the layer's index in the network
 * @param learningRate the rate used
 */
public record StepMetrics(
        StepId id,
        double loss,
        double accuracy,
        double gradientNorm,
        Map<Integer, Double> layerGradientNorms,
        double learningRate)
        implements Serializable {}
