package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.math.DepthwiseWindows;
import dev.lockstep.worker.math.NativeFloats;
import dev.lockstep.worker.math.VectorLoops;
import dev.lockstep.worker.math.Window;
import dev.lockstep.worker.math.WindowAxis;
import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.onnx.Attribute;
import dev.lockstep.worker.onnx.OnnxLayer;
import java.util.Arrays;
import java.util.List;

/**
 * Sifre 2014; Howard et al. 2017 (MobileNet): a cross-correlation of every channel with M kernels of its own, which sees no other
 * channel: H W C K^2 products where a convolution has H W C K^2 F. Behind it a {@link Convolution} of 1 x 1, pointwise, brings the
 * channels together. Output [C M, H', W'] as of a {@link Convolution}; its channel c M + m reads channel c, as PyTorch's. Parameters: W
 * [C M, K, K], b [C M].
 *
 * @param kernel K, from 1
 * @param stride from 1
 * @param padding from 0, or {@link Convolution#SAME}
 * @param dilation from one of the kernel's positions to the next, from 1
 * @param multiplier M, from 1
 */
public record DepthwiseConvolution(int kernel, int stride, int padding, int dilation, int multiplier)
        implements OwnLayer {
    public static final String TYPE = "depthwise-convolution";

    static DepthwiseConvolution read(Keys keys) {
        return new DepthwiseConvolution(
                keys.required("kernel"),
                keys.from(1, "stride", 1),
                keys.integerOr("same", Convolution.SAME, "padding", 0, 0),
                keys.from(1, "dilation", 1),
                keys.from(1, "multiplier", 1));
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public Shape output(Shape input) {
        return Convolution.window(
                input, Math.multiplyExact(input.channels(), multiplier), kernel, stride, padding, dilation);
    }

    @Override
    public List<Parameter> parameters(Shape input) {
        int outputs = Math.multiplyExact(input.channels(), multiplier);
        return List.of(
                Parameter.weights("W", Math.multiplyExact(kernel, kernel), outputs),
                new Parameter("b", outputs, 0, false));
    }

    @Override
    public String onnx(Shape input, String x, OnnxLayer onnx) {
        Window window = window(input);
        long outputs = (long) input.channels() * multiplier;
        return onnx.add(
                "Conv",
                List.of(x, onnx.constant("W", onnx.tensor("W").as(outputs, 1, kernel, kernel)), onnx.vector("b")),
                Attribute.of("group", input.channels()),
                Attribute.of("kernel_shape", new long[] {kernel, kernel}),
                Attribute.of("strides", new long[] {stride, stride}),
                Attribute.of("dilations", new long[] {dilation, dilation}),
                Attribute.of("pads", new long[] {
                    window.rows().padding(), window.columns().padding(), behind(window.rows()), behind(window.columns())
                }));
    }

    private static long behind(WindowAxis axis) {
        long reach = (axis.out() - 1L) * axis.stride() + (axis.kernel() - 1L) * axis.dilation() + 1;
        return Math.max(0, reach - axis.in() - axis.padding());
    }

    private Window window(Shape input) {
        Shape output = output(input);
        return new Window(axis(input.height(), output.height()), axis(input.width(), output.width()));
    }

    private WindowAxis axis(int in, int out) {
        int all = Math.max(0, (out - 1) * stride + (kernel - 1) * dilation + 1 - in);
        int before = padding == Convolution.SAME ? all / 2 : padding;
        return new WindowAxis(in, out, kernel, stride, before, dilation);
    }

    @Override
    public Kernel kernel(Shape input) {
        return new ByChannel(new DepthwiseWindows(window(input)), multiplier);
    }

    private record ByChannel(DepthwiseWindows windows, int multiplier) implements Kernel {
        @Override
        public void forward(Values x, List<NativeFloats> parameters, Values y, boolean training) {
            float[] in = new float[x.positions() * x.examples()];
            float[] out = new float[y.positions() * y.examples()];
            float[] w = new float[windows.taps()];
            float[] bias = new float[y.channels()];
            parameters.get(1).read(0, bias, 0, bias.length);
            for (int k = 0; k < y.channels(); k++) {
                if (k % multiplier == 0) {
                    x.memory().read(x.run(k / multiplier, 0), in, 0, in.length);
                }
                parameters.get(0).read(k * w.length, w, 0, w.length);
                Arrays.fill(out, bias[k]);
                windows.forward(in, w, out, x.examples());
                y.memory().write(y.run(k, 0), out, 0, out.length);
            }
        }

        @Override
        public void backward(
                Values x, List<NativeFloats> parameters, Values dy, List<NativeFloats> gradients, Values dx) {
            float[] in = new float[x.positions() * x.examples()];
            float[] back = new float[in.length];
            float[] slope = new float[dy.positions() * dy.examples()];
            float[] w = new float[windows.taps()];
            float[] dw = new float[w.length];
            float[] bias = new float[dy.channels()];
            for (int k = 0; k < dy.channels(); k++) {
                if (k % multiplier == 0) {
                    x.memory().read(x.run(k / multiplier, 0), in, 0, in.length);
                    Arrays.fill(back, 0f);
                }
                dy.memory().read(dy.run(k, 0), slope, 0, slope.length);
                parameters.get(0).read(k * w.length, w, 0, w.length);
                windows.backward(in, w, slope, dw, back, x.examples());
                gradients.get(0).write(k * w.length, dw, 0, w.length);
                bias[k] = (float) VectorLoops.sum(slope, slope.length);
                dx.memory().write(dx.run(k / multiplier, 0), back, 0, back.length);
            }
            gradients.get(1).write(0, bias, 0, bias.length);
        }
    }
}
