package dev.lockstep.worker.dl4j;

import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.NetworkDefinition;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.objective.Objective;

/**
 * A network as DL4J's JSON has it, with what the JSON does not say.
 *
 * @param json of a MultiLayerConfiguration or ComputationGraphConfiguration; its seed is in it
 */
public record Dl4jDefinition(String json, Shape input, int classes, ExampleFormat format, Objective objective)
        implements NetworkDefinition {

    /** A network for examples of bytes. */
    public Dl4jDefinition(String json, Shape input, int classes) {
        this(json, input, classes, ExampleFormat.bytes(input, classes), Objective.CLASSIFICATION);
    }
}
