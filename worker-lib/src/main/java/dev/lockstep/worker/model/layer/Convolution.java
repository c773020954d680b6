package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.WeightInit;

/**
 * Cross-correlation over [C, H, W] with F kernels. Output [F, (H + 2P - R) / S + 1, (W + 2P - R) / S + 1], rounded
 * down, with R = (K - 1) dilation + 1. Parameters: W [F, C, K, K], b [F].
 *
 * @param filters F, from 1
 * @param kernel K, from 1
 * @param stride S, from 1
 * @param padding P, from 0, or {@link #SAME}
 * @param dilation from one of the kernel's positions to the next, from 1
 * @param init how the weights start; null as the network's do
 */
public record Convolution(
        int filters, int kernel, int stride, int padding, int dilation, ActivationFunction activation, WeightInit init)
        implements Layer {
    public static final String TYPE = "convolution";

    /** Padding that keeps the size, divided by the stride and rounded up; where it is odd, the more behind. */
    public static final int SAME = -1;

    public Convolution(int filters, int kernel, int stride, int padding, ActivationFunction activation) {
        this(filters, kernel, stride, padding, 1, activation, null);
    }

    static Convolution read(Keys keys) {
        return new Convolution(
                keys.required("filters"),
                keys.required("kernel"),
                keys.from(1, "stride", 1),
                keys.integerOr("same", SAME, "padding", 0, 0),
                keys.from(1, "dilation", 1),
                ActivationFunction.read(keys),
                WeightInit.readOwn(keys));
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public Shape output(Shape input) {
        return activation.over(window(input, filters, kernel, stride, padding, dilation));
    }

    /** What a window that slides over an image gives. */
    static Shape window(Shape input, int channels, int kernel, int stride, int padding, int dilation) {
        input.requireImage();
        if (padding == SAME) {
            requireReach(input.height(), kernel, stride, dilation);
            requireReach(input.width(), kernel, stride, dilation);
            return new Shape(channels, (input.height() - 1) / stride + 1, (input.width() - 1) / stride + 1);
        }
        long reach = (kernel - 1L) * dilation + 1;
        if (padding >= reach) {
            throw new IllegalArgumentException(
                    "padding " + padding + " must be smaller than its " + kernel(kernel, dilation));
        }
        long height = input.height() + 2L * padding - reach;
        long width = input.width() + 2L * padding - reach;
        if (height < 0 || width < 0) {
            throw new IllegalArgumentException(kernel(kernel, dilation) + " is larger than its input " + input
                    + (padding > 0 ? " with padding " + padding : ""));
        }
        return new Shape(channels, (int) (height / stride) + 1, (int) (width / stride) + 1);
    }

    /** What lies behind the last window, DL4J would have to leave out at both ends. */
    private static void requireReach(int in, int kernel, int stride, int dilation) {
        long reach = (kernel - 1L) * dilation + 1;
        long over = in - ((in - 1L) / stride * stride + reach);
        if (reach > 1 && over > 1) {
            throw new IllegalArgumentException("padding same does not go with stride " + stride + " over "
                    + kernel(kernel, dilation) + ": of " + in + " rows or columns " + over
                    + " would lie behind the last window; give padding a number");
        }
    }

    private static String kernel(int size, int dilation) {
        return "kernel " + size + "x" + size + (dilation > 1 ? " with dilation " + dilation : "");
    }
}
