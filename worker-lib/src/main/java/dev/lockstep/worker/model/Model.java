package dev.lockstep.worker.model;

import java.util.Map;

/**
 * A network that answers: what everything else needs of whoever computes it. What it computes depends on what it is given
 * alone. Parameters are a flat vector of float32 in an order of its own. Not for several threads at once, but for several
 * one after the other.
 */
public interface Model {

    /** What the parameters are; running statistics, such as batch norm's, are among them. */
    ParameterLayout layout();

    /** @param values {@code [parameters]} */
    void setParameters(float[] values);

    /** Outputs and losses in evaluation mode. Bits depend on how examples are grouped. */
    Prediction predict(Batch batch);

    /** Each layer's outputs of a batch in evaluation mode, by the layer's name, from input to output. */
    Map<String, float[]> activations(Batch batch);

    /**
     * @param outputs {@code [n][targets]}; where every step has a target {@code [n][steps * targets]}, up to each end
     * @param losses {@code [n]}, each example's own, the sum over its steps, without regularisation
     */
    record Prediction(float[][] outputs, double[] losses) {}
}
