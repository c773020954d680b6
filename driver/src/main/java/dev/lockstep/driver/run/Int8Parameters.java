package dev.lockstep.driver.run;

import dev.lockstep.worker.dl4j.Network;
import dev.lockstep.worker.failure.ModelException;
import dev.lockstep.worker.model.ParameterLayout;
import dev.lockstep.worker.reduce.FloatArray;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * Parameters with weights of a byte each: of 64 weights, one behind the other, w = q s with a scale s = max |w| / 127 of their
 * own and q from -127 to 127. A 0 stays 0. What is no weight stays float32. Big-endian, in the flat order: of 64 weights the
 * scale, then their bytes.
 *
 * @param weights where they are
 */
record Int8Parameters(List<ParameterLayout.Block> weights) {
    static final String NAME = "coefficients.int8";

    private static final int GROUP = 64;
    private static final int LARGEST = 127;

    /** What comes to a range of parameters that are alike, in order. */
    private interface Part {
        void take(int from, int to, boolean areWeights) throws IOException;
    }

    private void forEach(int length, Part part) throws IOException {
        int at = 0;
        for (ParameterLayout.Block block : weights) {
            part.take(at, block.from(), false);
            for (at = block.from(); at < block.to(); at = Math.min(block.to(), at + GROUP)) {
                part.take(at, Math.min(block.to(), at + GROUP), true);
            }
        }
        part.take(at, length, false);
    }

    /** The bytes of so many parameters. */
    private long bytes(int length) throws IOException {
        long[] bytes = {0};
        forEach(
                length,
                (from, to, areWeights) ->
                        bytes[0] += areWeights ? Float.BYTES + to - from : (long) Float.BYTES * (to - from));
        return bytes[0];
    }

    /** For a network of DL4J's configuration. */
    static Int8Parameters of(String configuration) {
        Network network = Network.fromJson(configuration).init();
        try {
            return of(network);
        } finally {
            network.close();
        }
    }

    /** For a network that is initialised. */
    private static Int8Parameters of(Network network) {
        return new Int8Parameters(network.layout().blocks().stream()
                .filter(ParameterLayout.Block::weight)
                .toList());
    }

    /**
     * Reads what was written.
     *
     * @param name what to call the file in messages
     * @param network that they are of; it is initialised, unless there are far too few
     * @param bytes how many there are: memory is taken for no more parameters than can be among them
     * @throws ModelException when these are not as many as the network needs
     */
    static float[] read(String name, Network network, long bytes, DataInputStream in) throws IOException {
        long length = network.configuredParameters();
        if (length <= Math.min(bytes, FloatArray.LONGEST)) {
            Int8Parameters parameters = of(network.init());
            if (parameters.bytes((int) length) == bytes) {
                return parameters.read((int) length, in);
            }
            network.close();
        }
        throw new ModelException(name + ": " + NAME + " holds " + bytes
                + " bytes, which are not those of the network's " + length + " parameters");
    }

    private static float scale(float[] parameters, int from, int to) {
        float largest = 0;
        for (int i = from; i < to; i++) {
            largest = Math.max(largest, Math.abs(parameters[i]));
        }
        return largest / LARGEST;
    }

    private static int quantum(float weight, float scale) {
        return scale == 0 ? 0 : Math.max(-LARGEST, Math.min(LARGEST, Math.round(weight / scale)));
    }

    /** What is read of parameters that were written. */
    float[] rounded(float[] parameters) throws IOException {
        float[] rounded = parameters.clone();
        forEach(parameters.length, (from, to, areWeights) -> {
            float scale = areWeights ? scale(parameters, from, to) : 0;
            for (int i = from; areWeights && i < to; i++) {
                rounded[i] = quantum(parameters[i], scale) * scale;
            }
        });
        return rounded;
    }

    void write(float[] parameters, OutputStream to) throws IOException {
        DataOutputStream out = new DataOutputStream(to);
        forEach(parameters.length, (from, end, areWeights) -> {
            if (!areWeights) {
                for (int i = from; i < end; i++) {
                    out.writeFloat(parameters[i]);
                }
                return;
            }
            float scale = scale(parameters, from, end);
            out.writeFloat(scale);
            for (int i = from; i < end; i++) {
                out.writeByte(quantum(parameters[i], scale));
            }
        });
    }

    private float[] read(int length, DataInputStream in) throws IOException {
        float[] parameters = new float[length];
        forEach(length, (from, to, areWeights) -> {
            float scale = areWeights ? in.readFloat() : 0;
            for (int i = from; i < to; i++) {
                parameters[i] = areWeights ? in.readByte() * scale : in.readFloat();
            }
        });
        return parameters;
    }
}
