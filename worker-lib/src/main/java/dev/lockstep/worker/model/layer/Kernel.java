package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.math.NativeFloats;
import java.util.List;

/**
 * What a layer computes. Not for several threads. Batches lie as {@code [channels, positions, examples]}: the examples of
 * one value are a run. A vector has as many channels as values, and one position.
 */
public interface Kernel {

    /**
     * A batch of examples in memory.
     *
     * @param memory {@code [channels, positions, examples]}
     */
    record Values(NativeFloats memory, int channels, int positions, int examples) {

        /** Where the run of a value begins. */
        public int run(int channel, int position) {
            return (channel * positions + position) * examples;
        }
    }

    /**
     * @param x the layer's input, only to be read
     * @param parameters as {@link OwnLayer#parameters} names them, only to be read
     * @param y takes the output; its values before are undefined
     * @param training whether a backward pass may follow
     */
    void forward(Values x, List<NativeFloats> parameters, Values y, boolean training);

    /**
     * After a forward pass in training mode, with the same x and parameters.
     *
     * @param dy the gradient of y, only to be read
     * @param gradients take the gradients of the parameters, summed over the examples; their values before are undefined
     * @param dx takes the gradient of x; its values before are undefined
     */
    void backward(Values x, List<NativeFloats> parameters, Values dy, List<NativeFloats> gradients, Values dx);
}
