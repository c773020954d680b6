package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.Shape;
import java.util.List;

/** Several inputs side by side: the channels of images of one size, the values of vectors, at each step of sequences. */
public record Concat() implements Layer {
    public static final String TYPE = "concat";

    static Concat read(Keys keys) {
        return new Concat();
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
        throw new IllegalArgumentException("joins at least two inputs, has one; name them: input = [a, b]");
    }

    @Override
    public Shape output(List<Shape> inputs) {
        if (inputs.size() < 2) {
            return output(inputs.get(0));
        }
        Shape first = inputs.get(0);
        if (!inputs.stream().allMatch(input -> wide(input, 1).equals(wide(first, 1)))) {
            throw new IllegalArgumentException("joins inputs that differ in nothing but their channels, has " + inputs);
        }
        return wide(first, inputs.stream().mapToInt(Shape::channels).reduce(0, Math::addExact));
    }

    private static Shape wide(Shape shape, int channels) {
        return new Shape(channels, shape.height(), shape.width(), shape.hasTime());
    }
}
