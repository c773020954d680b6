package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.Shape;

/** An image becomes a vector: channel after channel, row after row. */
public record Flatten() implements Layer {
    public static final String TYPE = "flatten";

    static Flatten read(Keys keys) {
        return new Flatten();
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public Shape output(Shape input) {
        return Shape.vector(input.size());
    }
}
