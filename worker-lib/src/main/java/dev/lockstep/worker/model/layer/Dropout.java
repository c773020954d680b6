package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.model.Interval;
import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.Shape;

/**
 * Srivastava et al. 2014, inverted: in training each value becomes 0 with probability ratio and is divided by (1 - ratio)
 * otherwise; nothing happens in evaluation.
 *
 * @param ratio the share that is dropped, in [0, 1) (DL4J's argument is the share that is kept)
 */
public record Dropout(double ratio) implements Layer {
    public static final String TYPE = "dropout";

    static Dropout read(Keys keys) {
        return new Dropout(keys.float32("ratio", 0.5, Interval.FRACTION));
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public boolean readsTime() {
        return true;
    }

    @Override
    public Shape output(Shape input) {
        return input;
    }
}
