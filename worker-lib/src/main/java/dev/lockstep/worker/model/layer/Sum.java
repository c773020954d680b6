package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.Shape;
import java.util.List;

/** The sum of several inputs of one shape, element by element. */
public record Sum() implements Joint {
    public static final String TYPE = "sum";

    static Sum read(Keys keys) {
        return new Sum();
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public Shape joined(List<Shape> inputs) {
        Shape first = inputs.get(0);
        if (!inputs.stream().allMatch(first::equals)) {
            throw new IllegalArgumentException("reads inputs of one shape, has " + inputs);
        }
        return first;
    }
}
