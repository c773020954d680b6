package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.math.NativeFloats;
import dev.lockstep.worker.math.SequenceKernel;
import dev.lockstep.worker.math.Sequences;
import dev.lockstep.worker.math.VectorLoops;
import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.onnx.OnnxLayer;
import dev.lockstep.worker.onnx.OnnxSteps;
import java.util.List;

/**
 * The last step of each sequence, at each of its steps: between an encoder, whose last state is all that it says, and a decoder, that
 * makes a sequence of it again (Sutskever, Vinyals, Le 2014; Cho et al. 2014). No parameters.
 */
public record RepeatLastStep() implements SequenceLayer {
    public static final String TYPE = "repeat-last-step";

    static RepeatLastStep read(Keys keys) {
        return new RepeatLastStep();
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public String onnx(Shape input, String x, OnnxSteps onnx) {
        OnnxLayer layer = onnx.layer();
        String last = layer.unsqueezed(onnx.last(x), 1);
        return layer.add("Expand", List.of(last, layer.add("Shape", List.of(x))));
    }

    @Override
    public SequenceKernel sequences(Shape input) {
        return new Repeated();
    }

    private static final class Repeated implements SequenceKernel {
        @Override
        public void forward(Sequences x, List<NativeFloats> parameters, Sequences y, boolean training) {
            for (int t = 0; t < x.steps(); t++) {
                for (int n = 0; n < x.examples(); n++) {
                    if (x.isPadding(t, n)) {
                        y.memory().zero(y.row(t, n), y.channels());
                    } else {
                        y.memory().copy(y.row(t, n), x.memory(), x.row(x.lengths()[n] - 1, n), x.channels());
                    }
                }
            }
        }

        /** The slope of the last step is the sum of all. */
        @Override
        public void backward(
                Sequences x, List<NativeFloats> parameters, Sequences dy, List<NativeFloats> gradients, Sequences dx) {
            if (dx == null) {
                return;
            }
            float[] sums = new float[x.examples() * x.channels()];
            float[] slope = new float[sums.length];
            dx.zero();
            for (int t = 0; t < x.steps(); t++) {
                dy.read(t, slope);
                dy.clearPadding(t, slope);
                VectorLoops.add(sums, slope, slope.length);
            }
            for (int n = 0; n < x.examples(); n++) {
                dx.memory().write(dx.row(x.lengths()[n] - 1, n), sums, n * x.channels(), x.channels());
            }
        }
    }
}
