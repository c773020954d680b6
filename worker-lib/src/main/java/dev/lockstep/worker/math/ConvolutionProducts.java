package dev.lockstep.worker.math;

import java.util.Arrays;

/**
 * A convolution as matrix products on batch-last memory. The letters of the implementations: F filters, C channels, taps
 * the kernel's positions, P the output values of a filter (rows x columns x batch).
 *
 * <p>Products are cut to the size up to which OpenBLAS (on AVX-512) takes the factors as they lie, without packing them
 * first. With few filters that is two to three times as fast.
 */
public abstract class ConvolutionProducts {
    /** OpenBLAS's limit for a small product, in multiplications. */
    public static final int SMALL_PRODUCT = 1_000_000;

    /** Its limit for the result's values where the inner dimension is the contiguous one in both factors. */
    public static final int SMALL_RESULT = 1024;

    /** Fewer channels than this are too few for a product a tap. */
    private static final int CHANNELS_FOR_TAPS = 8;

    public final Workbench bench;

    public ConvolutionProducts(Workbench bench) {
        this.bench = bench;
    }

    /** The rule is by shape alone, because the method is part of the bits. */
    public static ConvolutionProducts forChannels(long channels, Workbench bench) {
        return channels < CHANNELS_FOR_TAPS ? new UnfoldedConvolution(bench) : new TapConvolution(bench);
    }

    /** Its name in a report. */
    public abstract String technique();

    /** What is convolved: {@code channels} planes to {@code filters} planes, each of {@code batch} examples. */
    public record Geometry(Window window, int batch, int channels, int filters) {
        public int inPlane() {
            return window.inputPlane(batch);
        }

        public int outPlane() {
            return window.outputPlane(batch);
        }
    }

    /**
     * @param weights {@code [F, C, taps]}
     * @param bias {@code [F]}, or null
     * @param relu whether ReLU follows
     */
    public abstract void forward(
            Geometry shape, NativeFloats x, NativeFloats weights, float[] bias, boolean relu, NativeFloats y);

    /**
     * @param y where ReLU followed, what it gave; else null
     * @param dWeights {@code [F, C, taps]}, overwritten
     * @param dBias {@code [F]}, overwritten, or null
     * @param dx overwritten, or null
     */
    public abstract void backward(
            Geometry shape,
            NativeFloats x,
            NativeFloats y,
            NativeFloats dy,
            NativeFloats weights,
            NativeFloats dWeights,
            NativeFloats dBias,
            NativeFloats dx);

    /** The part of the output's gradient that gets through ReLU, for {@code count} values of each filter, densely. */
    public final Matrices.Matrix throughRelu(Geometry shape, NativeFloats dy, NativeFloats y, int from, int count) {
        if (y == null) {
            return Matrices.Matrix.of(dy, from, shape.outPlane());
        }
        NativeFloats masked = bench.block(1, shape.filters() * count);
        int[] gradient = bench.bitTile(0, count);
        int[] output = bench.bitTile(1, count);
        for (int filter = 0; filter < shape.filters(); filter++) {
            int at = filter * shape.outPlane() + from;
            dy.read(at, gradient, 0, count);
            y.read(at, output, 0, count);
            VectorLoops.maskByRelu(gradient, output, count);
            masked.write(filter * count, gradient, 0, count);
        }
        return Matrices.Matrix.of(masked, 0, count);
    }

    /** Sets {@code count} values of each filter to the filter's bias. */
    public final void fillWithBias(Geometry shape, float[] bias, NativeFloats y, int from, int count) {
        float[] tile = bench.tile(0, count);
        for (int filter = 0; filter < shape.filters(); filter++) {
            Arrays.fill(tile, 0, count, bias == null ? 0f : bias[filter]);
            y.write(filter * shape.outPlane() + from, tile, 0, count);
        }
    }

    /** The longest piece, in steps of 64, that keeps a product of these other sides small; at least 64. */
    public static int step(int side, int otherSide) {
        return Math.max(64, SMALL_PRODUCT / (side * otherSide) / 64 * 64);
    }

    /** The largest part when a whole is cut into equal parts no larger than a limit. */
    public static int evenPart(int whole, int limit) {
        int parts = (whole + limit - 1) / Math.max(1, limit);
        return (whole + parts - 1) / parts;
    }
}
