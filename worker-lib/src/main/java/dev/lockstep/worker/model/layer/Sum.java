package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.Shape;
import java.util.List;

/** The sum of several inputs of one shape, element by element. */
public record Sum() implements Layer {
    public static final String TYPE = "sum";

    static Sum read(Keys keys) {
        return new Sum();
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
        throw new IllegalArgumentException("adds up at least two inputs, has one; name them: input = [a, b]");
    }

    @Override
    public Shape output(List<Shape> inputs) {
        if (inputs.size() < 2) {
            return output(inputs.get(0));
        }
        Shape first = inputs.get(0);
        if (!inputs.stream().allMatch(first::equals)) {
            throw new IllegalArgumentException("adds up inputs of one shape, has " + inputs);
        }
        return first;
    }
}
