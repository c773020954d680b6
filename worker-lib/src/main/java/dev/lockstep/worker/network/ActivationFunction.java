package dev.lockstep.worker.network;

import org.nd4j.linalg.activations.Activation;

/** The activation functions a configuration can name; u is the layer's sum, y its output, both of any shape. */
public enum ActivationFunction {
    /** y = u */
    IDENTITY(Activation.IDENTITY),
    /** y = max(u, 0), with derivative 0 at u = 0 */
    RELU(Activation.RELU),
    /** y = 1 / (1 + exp(-u)) */
    SIGMOID(Activation.SIGMOID),
    /** y = tanh(u) */
    TANH(Activation.TANH),
    /** y_k = exp(u_k) / sum over j of exp(u_j), over the units of one example */
    SOFTMAX(Activation.SOFTMAX);

    private final Activation dl4j;

    ActivationFunction(Activation dl4j) {
        this.dl4j = dl4j;
    }

    Activation dl4j() {
        return dl4j;
    }
}
