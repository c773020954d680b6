package dev.lockstep.worker.reduce;

import java.io.Serializable;

/**
 * What a span of shards adds to a step. Mutable, to save memory: {@link #add} changes the left operand.
 *
 * @param span the shards that are in the sum; of these, empty ones count nothing
 * @param gradient the sum over the examples of their gradients, float32, {@code [parameters]}; or, in parameter
 *     averaging, of the shards' models, weighted by their examples; owned by this object
 * @param lossSum the sum over the examples of their losses
 * @param correct how many examples the network classified rightly while it learnt from them
 * @param examples how many examples there are, at least 1
 */
public record PartialSum(Span span, float[] gradient, double lossSum, int correct, int examples)
        implements Serializable {

    /**
     * This + right, element by element, in this order. This object's array takes the result.
     *
     * @param from the first element to add; the sum holds elements {@code [from, to)} alone
     */
    PartialSum add(Span whole, PartialSum right, int from, int to) {
        float[] other = right.gradient;
        for (int i = from; i < to; i++) {
            gradient[i] += other[i];
        }
        return new PartialSum(
                whole, gradient, lossSum + right.lossSum, correct + right.correct, examples + right.examples);
    }
}
