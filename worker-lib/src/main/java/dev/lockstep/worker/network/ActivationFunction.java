package dev.lockstep.worker.network;

import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationLReLU;

/** The activation functions a configuration can name; u is the layer's sum, y its output, both of any shape. */
public enum ActivationFunction {
    /** y = u */
    IDENTITY,
    /** y = 1 for u above 0, else 0. Its derivative is 0: what is below it learns nothing. */
    STEP,
    /** y = max(u, 0), with derivative 0 at u = 0 */
    RELU,
    /** y = u for u above 0, else 0.01 u */
    LEAKY_RELU,
    /** y = 1 / (1 + exp(-u)) */
    SIGMOID,
    /** y = tanh(u) */
    TANH,
    /** y_k = exp(u_k) / sum over j of exp(u_j), over the units of one example */
    SOFTMAX;

    private static final double LEAK = 0.01;

    IActivation dl4j() {
        return switch (this) {
            case IDENTITY -> Activation.IDENTITY.getActivationFunction();
            case STEP -> new StepActivation();
            case RELU -> Activation.RELU.getActivationFunction();
            case LEAKY_RELU -> new ActivationLReLU(LEAK);
            case SIGMOID -> Activation.SIGMOID.getActivationFunction();
            case TANH -> Activation.TANH.getActivationFunction();
            case SOFTMAX -> Activation.SOFTMAX.getActivationFunction();
        };
    }
}
