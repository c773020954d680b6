package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.model.Shape;
import java.util.List;

/** A layer that makes one of several inputs, of sequences step by step. Without parameters. */
public sealed interface Joint extends Layer permits Sum, Mean, Concat {

    /**
     * The shape of one example behind it.
     *
     * @param inputs at least two
     * @throws IllegalArgumentException when they do not fit each other
     */
    Shape joined(List<Shape> inputs);

    @Override
    default boolean readsTime() {
        return true;
    }

    @Override
    default Shape output(Shape input) {
        throw new IllegalArgumentException("reads at least two inputs, has one; name them: input = [a, b]");
    }

    @Override
    default Shape output(List<Shape> inputs) {
        return inputs.size() < 2 ? output(inputs.get(0)) : joined(inputs);
    }
}
