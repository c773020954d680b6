package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.Shape;

/** The mean of a sequence's steps; what lies behind its end counts nothing. */
public record MeanOverTime() implements Layer {
    public static final String TYPE = "mean-over-time";

    static MeanOverTime read(Keys keys) {
        return new MeanOverTime();
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
        return Shape.vector(input.requireTime().size());
    }
}
