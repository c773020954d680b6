package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.Shape;
import java.util.List;

/** Several inputs side by side: the channels of images of one size, the values of vectors, at each step of sequences. */
public record Concat() implements Joint {
    public static final String TYPE = "concat";

    static Concat read(Keys keys) {
        return new Concat();
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public Shape joined(List<Shape> inputs) {
        Shape first = inputs.get(0);
        if (!inputs.stream().allMatch(input -> wide(input, 1).equals(wide(first, 1)))) {
            throw new IllegalArgumentException("reads inputs that differ in nothing but their channels, has " + inputs);
        }
        return wide(first, inputs.stream().mapToInt(Shape::channels).reduce(0, Math::addExact));
    }

    private static Shape wide(Shape shape, int channels) {
        return new Shape(channels, shape.height(), shape.width(), shape.hasTime());
    }
}
