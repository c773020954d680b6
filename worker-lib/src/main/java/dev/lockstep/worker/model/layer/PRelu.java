package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.math.NativeFloats;
import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.onnx.OnnxLayer;
import java.util.List;

/**
 * He, Zhang, Ren, Sun 2015: y = x for x above 0, else a x, with a slope a of each channel that is learnt. Parameters:
 * alpha, from 0.25, not regularised.
 */
public record PRelu() implements OwnLayer {
    public static final String TYPE = "prelu";

    static PRelu read(Keys keys) {
        return new PRelu();
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public Shape output(Shape input) {
        return input;
    }

    @Override
    public List<Parameter> parameters(Shape input) {
        return List.of(new Parameter("alpha", input.channels(), 0.25f, false));
    }

    @Override
    public String onnx(Shape input, String x, OnnxLayer onnx) {
        return onnx.add("PRelu", List.of(x, onnx.byChannel("alpha", input.isImage())));
    }

    @Override
    public Kernel kernel(Shape input) {
        return new Slopes();
    }

    private static final class Slopes implements Kernel {
        @Override
        public void forward(Values x, List<NativeFloats> parameters, Values y, boolean training) {
            int run = x.positions() * x.examples();
            float[] values = new float[run];
            float[] alpha = new float[1];
            for (int c = 0; c < x.channels(); c++) {
                parameters.get(0).read(c, alpha, 0, 1);
                x.memory().read(x.run(c, 0), values, 0, run);
                for (int i = 0; i < run; i++) {
                    values[i] = values[i] > 0 ? values[i] : alpha[0] * values[i];
                }
                y.memory().write(y.run(c, 0), values, 0, run);
            }
        }

        /** dx = dy for x above 0, else a dy; da = sum of dy x over x not above 0. */
        @Override
        public void backward(
                Values x, List<NativeFloats> parameters, Values dy, List<NativeFloats> gradients, Values dx) {
            int run = x.positions() * x.examples();
            float[] values = new float[run];
            float[] slope = new float[run];
            float[] alpha = new float[1];
            for (int c = 0; c < x.channels(); c++) {
                parameters.get(0).read(c, alpha, 0, 1);
                x.memory().read(x.run(c, 0), values, 0, run);
                dy.memory().read(dy.run(c, 0), slope, 0, run);
                double sum = 0;
                for (int i = 0; i < run; i++) {
                    if (!(values[i] > 0)) {
                        sum += (double) slope[i] * values[i];
                        slope[i] *= alpha[0];
                    }
                }
                dx.memory().write(dx.run(c, 0), slope, 0, run);
                gradients.get(0).write(c, new float[] {(float) sum}, 0, 1);
            }
        }
    }
}
