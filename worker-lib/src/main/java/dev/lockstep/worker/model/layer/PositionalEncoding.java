package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.math.NativeFloats;
import dev.lockstep.worker.math.SequenceKernel;
import dev.lockstep.worker.math.Sequences;
import dev.lockstep.worker.math.VectorLoops;
import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.onnx.ElementType;
import dev.lockstep.worker.onnx.OnnxLayer;
import dev.lockstep.worker.onnx.OnnxSteps;
import dev.lockstep.worker.onnx.Tensor;
import java.util.List;

/**
 * Vaswani et al. 2017: adds to value 2i of step t, from 0, sin(t / 10000^(2i / width)), and to value 2i + 1 the cosine of the same. No
 * parameters.
 *
 * @param alone whether these come out by themselves: of what is below then nothing counts but its form
 */
public record PositionalEncoding(Alone alone) implements SequenceLayer {
    public static final String TYPE = "positional-encoding";

    /** Whether what is below is left out. */
    public enum Alone {
        OFF,
        ON
    }

    /** Added to what is below. */
    public PositionalEncoding() {
        this(Alone.OFF);
    }

    static PositionalEncoding read(Keys keys) {
        return new PositionalEncoding(keys.choice("alone", Alone.OFF, Alone.class));
    }

    @Override
    public String type() {
        return TYPE;
    }

    /** In double, as a long sequence's angles are large; the cosine is the sine of a right angle more. */
    @Override
    public String onnx(Shape input, String x, OnnxSteps onnx) {
        OnnxLayer layer = onnx.layer();
        int width = input.size();
        float[] even = new float[width];
        float[] turned = new float[width];
        for (int c = 0; c < width; c++) {
            even[c] = c - c % 2;
            turned[c] = c % 2 == 0 ? 0 : (float) (Math.PI / 2);
        }
        String exponent =
                layer.add("Div", List.of(doubles("even", even, layer), doubles("width", new float[] {width}, layer)));
        String period = layer.add("Pow", List.of(doubles("base", new float[] {10_000}, layer), exponent));
        String steps = layer.cast(layer.unsqueezed(onnx.positions(), 2), ElementType.DOUBLE);
        String angle =
                layer.add("Add", List.of(layer.add("Div", List.of(steps, period)), doubles("turn", turned, layer)));
        String places = layer.cast(layer.add("Sin", List.of(angle)), ElementType.FLOAT);
        return alone == Alone.ON ? places : layer.add("Add", List.of(x, places));
    }

    private static String doubles(String what, float[] values, OnnxLayer layer) {
        return layer.cast(
                layer.constant(what, new Tensor(List.of((long) values.length), () -> values)), ElementType.DOUBLE);
    }

    @Override
    public SequenceKernel sequences(Shape input) {
        return new Places(alone == Alone.ON);
    }

    private record Places(boolean alone) implements SequenceKernel {
        @Override
        public void forward(Sequences x, List<NativeFloats> parameters, Sequences y, boolean training) {
            int width = x.channels();
            float[] values = new float[x.examples() * width];
            float[] added = new float[values.length];
            for (int t = 0; t < x.steps(); t++) {
                for (int c = 0; c < width; c++) {
                    double angle = t / StrictMath.pow(10_000, (c - c % 2) / (double) width);
                    added[c] = (float) (c % 2 == 0 ? StrictMath.sin(angle) : StrictMath.cos(angle));
                }
                for (int n = 1; n < x.examples(); n++) {
                    System.arraycopy(added, 0, added, n * width, width);
                }
                if (alone) {
                    System.arraycopy(added, 0, values, 0, values.length);
                } else {
                    x.read(t, values);
                    VectorLoops.add(values, added, values.length);
                }
                y.clearPadding(t, values);
                y.write(t, values);
            }
        }

        @Override
        public void backward(
                Sequences x, List<NativeFloats> parameters, Sequences dy, List<NativeFloats> gradients, Sequences dx) {
            if (dx != null && alone) {
                dx.zero();
            } else if (dx != null) {
                dy.copyInside(dx);
            }
        }
    }
}
