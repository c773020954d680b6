package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.Shape;
import java.util.List;

/** The mean of several inputs of one shape, element by element. */
public record Mean() implements Joint {
    public static final String TYPE = "mean";

    static Mean read(Keys keys) {
        return new Mean();
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public Shape joined(List<Shape> inputs) {
        return new Sum().joined(inputs);
    }
}
