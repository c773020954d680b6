package dev.lockstep.worker.network;

/**
 * A network as DL4J's JSON has it, with what the JSON does not say.
 *
 * @param json of a MultiLayerConfiguration or ComputationGraphConfiguration; its seed is in it
 */
public record Dl4jDefinition(String json, Shape input, int classes, Encoding encoding) implements NetworkDefinition {

    /** A network for examples of bytes. */
    public Dl4jDefinition(String json, Shape input, int classes) {
        this(json, input, classes, Encoding.BYTES);
    }

    @Override
    public Network build(long seed) {
        return Network.fromJson(json).init();
    }
}
