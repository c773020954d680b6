package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.math.NativeFloats;
import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.onnx.OnnxLayer;
import java.util.List;

/**
 * Some channels of an image, or some values of a vector: those of a table's columns that a branch of the network reads. No
 * parameters.
 *
 * @param from the first, from 0
 * @param to the one behind the last
 */
public record ChannelSlice(int from, int to) implements OwnLayer {
    public static final String TYPE = "slice";

    static ChannelSlice read(Keys keys) {
        int from = keys.from(0, "from", 0);
        int to = keys.required("to");
        if (to <= from) {
            keys.problem("to", "is " + to + ", not above from = " + from);
        }
        return new ChannelSlice(from, to);
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public Shape output(Shape input) {
        if (to > input.channels()) {
            throw new IllegalArgumentException("ends before " + to + ", its input " + input + " has " + input.channels()
                    + (input.isImage() ? " channels" : " values"));
        }
        return new Shape(to - from, input.height(), input.width());
    }

    @Override
    public List<Parameter> parameters(Shape input) {
        return List.of();
    }

    @Override
    public String onnx(Shape input, String x, OnnxLayer onnx) {
        return onnx.add(
                "Slice", List.of(x, onnx.integers("from", from), onnx.integers("to", to), onnx.integers("axis", 1)));
    }

    @Override
    public Kernel kernel(Shape input) {
        return new Copies(from);
    }

    private record Copies(int from) implements Kernel {
        @Override
        public void forward(Values x, List<NativeFloats> parameters, Values y, boolean training) {
            y.memory().copy(y.run(0, 0), x.memory(), x.run(from, 0), y.run(y.channels(), 0));
        }

        /** dx = dy, and 0 of what is not read. */
        @Override
        public void backward(
                Values x, List<NativeFloats> parameters, Values dy, List<NativeFloats> gradients, Values dx) {
            dx.memory().zero(0, dx.run(dx.channels(), 0));
            dx.memory().copy(dx.run(from, 0), dy.memory(), dy.run(0, 0), dy.run(dy.channels(), 0));
        }
    }
}
