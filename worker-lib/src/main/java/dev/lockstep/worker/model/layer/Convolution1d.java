package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.math.DenseSteps;
import dev.lockstep.worker.math.SequenceKernel;
import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.onnx.Attribute;
import dev.lockstep.worker.onnx.OnnxLayer;
import dev.lockstep.worker.onnx.OnnxSteps;
import dev.lockstep.worker.onnx.Tensor;
import java.util.List;

/**
 * A convolution over time: y_t = f(sum over k of x_{t + s + k · dilation} W_k + b), k from 0 to {@code kernel} - 1, zeros beside the
 * ends, so that as many steps come out. Of {@code same}, s puts the middle of the kernel at t (of an even one the earlier of the two);
 * of {@code causal} its end, so that no step sees what comes behind it: van den Oord et al. 2016. Parameters: W [kernel][filters][in],
 * b [filters].
 *
 * @param filters from 1
 * @param kernel from 1
 * @param dilation from 1
 */
public record Convolution1d(int filters, int kernel, int dilation, Padding padding, ActivationFunction activation)
        implements SequenceLayer {
    public static final String TYPE = "convolution-1d";

    /** Where the kernel lies. */
    public enum Padding {
        /** About the step. */
        SAME,
        /** Up to the step. */
        CAUSAL
    }

    static Convolution1d read(Keys keys) {
        return new Convolution1d(
                keys.required("filters"),
                keys.required("kernel"),
                keys.from(1, "dilation", 1),
                keys.choice("padding", Padding.SAME, Padding.class),
                ActivationFunction.read(keys));
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public Shape output(Shape input) {
        input.requireTime();
        Rnn.squash(activation);
        return Shape.sequence(filters);
    }

    @Override
    public List<Parameter> parameters(Shape input) {
        return List.of(
                Parameter.weights("W", Math.multiplyExact(input.size(), kernel), filters),
                new Parameter("b", filters, 0, false));
    }

    @Override
    public String onnx(Shape input, String x, OnnxSteps onnx) {
        OnnxLayer layer = onnx.layer();
        long before = (long) before() * dilation;
        long behind = (long) (kernel - 1 - before()) * dilation;
        Tensor byTap = layer.tensor("W").as(kernel, (long) filters * input.size());
        String sums = layer.add(
                "Conv",
                List.of(
                        layer.transposed(onnx.inside(x), 0, 2, 1),
                        layer.constant("W", byTap.transposed().as(filters, input.size(), kernel)),
                        layer.vector("b")),
                Attribute.of("kernel_shape", new long[] {kernel}),
                Attribute.of("dilations", new long[] {dilation}),
                Attribute.of("pads", new long[] {before, behind}));
        return layer.transposed(Rnn.squashed(activation, sums, layer), 0, 2, 1);
    }

    /** How many of the kernel's taps lie before the step. */
    private int before() {
        return padding == Padding.CAUSAL ? kernel - 1 : (kernel - 1) / 2;
    }

    @Override
    public SequenceKernel sequences(Shape input) {
        int[] shifts = new int[kernel];
        for (int k = 0; k < kernel; k++) {
            shifts[k] = Math.multiplyExact(k - before(), dilation);
        }
        return new DenseSteps(Rnn.squash(activation), shifts);
    }
}
