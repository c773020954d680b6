package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.model.Interval;
import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.Shape;

/**
 * Ulyanov, Vedaldi, Lempitsky 2016: as {@link LayerNorm}, but of the values of one channel of one example.
 *
 * @param epsilon above 0
 */
public record InstanceNorm(double epsilon) implements Layer {
    public static final String TYPE = "instance-norm";

    static InstanceNorm read(Keys keys) {
        return new InstanceNorm(keys.float32("epsilon", 1e-5, Interval.POSITIVE));
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public Shape output(Shape input) {
        return input.requireImage();
    }
}
