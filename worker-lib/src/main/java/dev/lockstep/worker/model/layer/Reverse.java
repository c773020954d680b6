package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.math.NativeFloats;
import dev.lockstep.worker.math.SequenceKernel;
import dev.lockstep.worker.math.Sequences;
import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.onnx.OnnxSteps;
import java.util.List;

/** The steps of each sequence from its last to its first. No parameters. */
public record Reverse() implements SequenceLayer {
    public static final String TYPE = "reverse";

    static Reverse read(Keys keys) {
        return new Reverse();
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public String onnx(Shape input, String x, OnnxSteps onnx) {
        return onnx.reversed(x);
    }

    @Override
    public SequenceKernel sequences(Shape input) {
        return new Reversed();
    }

    private static final class Reversed implements SequenceKernel {
        @Override
        public void forward(Sequences x, List<NativeFloats> parameters, Sequences y, boolean training) {
            for (int n = 0; n < x.examples(); n++) {
                int last = x.lengths()[n] - 1;
                for (int t = 0; t <= last; t++) {
                    y.memory().copy(y.row(t, n), x.memory(), x.row(last - t, n), x.channels());
                }
            }
            y.zeroPadding();
        }

        @Override
        public void backward(
                Sequences x, List<NativeFloats> parameters, Sequences dy, List<NativeFloats> gradients, Sequences dx) {
            if (dx != null) {
                forward(dy, parameters, dx, true);
            }
        }
    }
}
