package dev.lockstep.worker.math;

import java.util.List;

/** What a layer computes on sequences. It may keep of a forward pass what the backward pass needs; not for several threads. */
public interface SequenceKernel {

    /**
     * @param x the layer's input, only to be read; what it holds behind an example's end counts nothing
     * @param parameters the layer's arrays, in its order, only to be read
     * @param y takes the output, 0 behind an example's end; its values before are undefined
     * @param training whether a backward pass may follow: x and y then stay as they are until it has
     */
    void forward(Sequences x, List<NativeFloats> parameters, Sequences y, boolean training);

    /**
     * After a forward pass in training mode, with the same x and parameters.
     *
     * @param dy the gradient of y, may be written over; what it holds behind an example's end counts nothing
     * @param gradients take the gradients of the parameters, summed over the examples; their values before are undefined
     * @param dx takes the gradient of x, 0 behind an example's end; its values before are undefined; null when nobody reads it
     */
    void backward(Sequences x, List<NativeFloats> parameters, Sequences dy, List<NativeFloats> gradients, Sequences dx);
}
