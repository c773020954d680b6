package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.onnx.OnnxLayer;
import java.util.List;

/** A layer that DL4J lacks: it computes itself, on plain memory. A model with one needs our jar to be restored. */
public interface OwnLayer extends Layer {

    /** Its arrays of parameters, in their order. */
    List<Parameter> parameters(Shape input);

    /**
     * What it computes in evaluation, in ONNX's operators.
     *
     * @param x the layer's input: {@code [batch, channels, height, width]} or {@code [batch, length]}
     * @param onnx where they are put
     * @return the layer's output, of the same form
     */
    String onnx(Shape input, String x, OnnxLayer onnx);

    /** Its arithmetic; a new one for each network, which may keep of a forward pass what the backward pass needs. */
    Kernel kernel(Shape input);

    /**
     * An array of parameters.
     *
     * @param start the value of each before the first step
     * @param isWeight whether it is a weight, which is regularised, and no bias, scale or shift
     * @param fanIn of weights that start at random, as the network's do: how many inputs a unit sees; else 0
     */
    record Parameter(String name, int length, float start, boolean isWeight, int fanIn) {
        public Parameter(String name, int length, float start, boolean isWeight) {
            this(name, length, start, isWeight, 0);
        }

        /** Weights that start at random, {@code [units][fanIn]} in memory. */
        public static Parameter weights(String name, int fanIn, int units) {
            return new Parameter(name, Math.multiplyExact(fanIn, units), 0, true, fanIn);
        }
    }
}
