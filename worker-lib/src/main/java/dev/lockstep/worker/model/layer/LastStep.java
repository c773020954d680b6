package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.math.NativeFloats;
import dev.lockstep.worker.math.SequenceKernel;
import dev.lockstep.worker.math.Sequences;
import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.onnx.OnnxSteps;
import java.util.List;

/** The last step of each sequence, wherever it ends. */
public record LastStep() implements SequenceLayer {
    public static final String TYPE = "last-step";

    static LastStep read(Keys keys) {
        return new LastStep();
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public Shape output(Shape input) {
        return Shape.vector(input.requireTime().size());
    }

    @Override
    public String onnx(Shape input, String x, OnnxSteps onnx) {
        return onnx.last(x);
    }

    @Override
    public SequenceKernel sequences(Shape input) {
        return new Last();
    }

    private static final class Last implements SequenceKernel {
        @Override
        public void forward(Sequences x, List<NativeFloats> parameters, Sequences y, boolean training) {
            for (int n = 0; n < x.examples(); n++) {
                int last = x.lengths()[n] - 1;
                y.memory().copy(y.row(0, n), x.memory(), x.row(last, n), x.channels());
            }
        }

        @Override
        public void backward(
                Sequences x, List<NativeFloats> parameters, Sequences dy, List<NativeFloats> gradients, Sequences dx) {
            if (dx == null) {
                return;
            }
            dx.zero();
            for (int n = 0; n < x.examples(); n++) {
                int last = x.lengths()[n] - 1;
                dx.memory().copy(dx.row(last, n), dy.memory(), dy.row(0, n), x.channels());
            }
        }
    }
}
