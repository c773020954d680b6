package dev.lockstep.worker.reduce;

import dev.lockstep.worker.tally.Tally;
import java.io.Serializable;

/**
 * What a span of shards adds to a step. Mutable, to save memory: {@link #add} changes the left operand.
 *
 * @param span the shards that are in the sum; of these, empty ones count nothing
 * @param gradient the sum over the examples of their gradients, each times its weight, float32, {@code [parameters]}; or,
 *     in parameter averaging, of the shards' models, weighted by their examples; owned by this object
 * @param tally what the examples have shown while the network learnt from them
 */
public record PartialSum(Span span, float[] gradient, Tally tally) implements Serializable {

    /** How many examples there are. */
    public int examples() {
        return tally.examples();
    }

    /** What the sum is divided by for the mean: what they weigh together. */
    public double weight() {
        return tally.weight();
    }

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
        return new PartialSum(whole, gradient, tally.plus(right.tally));
    }
}
