package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.Shape;

/** The mean of each channel: an image becomes a vector of its channels. */
public record GlobalAveragePool() implements Layer {
    public static final String TYPE = "global-average-pool";

    static GlobalAveragePool read(Keys keys) {
        return new GlobalAveragePool();
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public Shape output(Shape input) {
        return Shape.vector(input.requireImage().channels());
    }
}
