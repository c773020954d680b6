package dev.lockstep.worker.math;

import dev.lockstep.worker.math.Matrices.Matrix;

/**
 * One product for all taps and channels (Chellapilla, Puri, Simard 2006), for images of few channels, where a product a
 * tap would have next to nothing to add up. With N output values at a time, and K = C x taps:
 *
 * <pre>
 * columns [K, N] = what each weight meets            (copies of long runs of the input)
 * y [F, N]       = W [F, K] columns + b
 * dW [F, K]     += dy [F, N] columns^T
 * dx            += W^T [K, F] dy, run by run
 * </pre>
 *
 * N is what keeps the columns in the second cache.
 */
public final class UnfoldedConvolution extends ConvolutionProducts {
    /** Floats of the columns at a time: 384 KB of a second cache of 512 KB or more. */
    private static final int COLUMNS = 96 * 1024;

    public UnfoldedConvolution(Workbench bench) {
        super(bench);
    }

    @Override
    public String technique() {
        return "unfolded";
    }

    private static int inner(Geometry shape) {
        return shape.channels() * shape.window().taps();
    }

    /** N. */
    private static int columns(Geometry shape) {
        return Math.min(shape.outPlane(), Math.max(256, COLUMNS / inner(shape) / 64 * 64));
    }

    @Override
    public void forward(
            Geometry shape, NativeFloats x, NativeFloats weights, float[] bias, boolean relu, NativeFloats y) {
        int step = columns(shape);
        NativeFloats columns = bench.block(0, inner(shape) * step);
        float[] tile = bench.tile(0, step);
        for (int from = 0; from < shape.outPlane(); from += step) {
            int count = Math.min(step, shape.outPlane() - from);
            unfold(shape, x, from, count, columns);
            weigh(shape, weights, columns, count, y, from);
            if (bias == null && !relu) {
                continue;
            }
            for (int filter = 0; filter < shape.filters(); filter++) {
                int at = filter * shape.outPlane() + from;
                y.read(at, tile, 0, count);
                float b = bias == null ? 0f : bias[filter];
                if (relu) {
                    VectorLoops.addRelu(tile, b, count);
                } else {
                    VectorLoops.add(tile, b, count);
                }
                y.write(at, tile, 0, count);
            }
        }
    }

    @Override
    public void backward(
            Geometry shape,
            NativeFloats x,
            NativeFloats y,
            NativeFloats dy,
            NativeFloats weights,
            NativeFloats dWeights,
            NativeFloats dBias,
            NativeFloats dx) {
        int step = columns(shape);
        NativeFloats columns = bench.block(0, inner(shape) * step);
        NativeFloats ones = bench.ones(step);
        if (dx != null) {
            dx.zero(0, dx.length());
        }
        for (int from = 0; from < shape.outPlane(); from += step) {
            int count = Math.min(step, shape.outPlane() - from);
            Matrix delta = throughRelu(shape, dy, y, from, count);
            float before = from == 0 ? 0f : 1f;
            if (dBias != null) {
                bench.matrices.rowSums(shape.filters(), count, delta, ones, before, dBias);
            }
            unfold(shape, x, from, count, columns);
            correlate(shape, delta, columns, count, before, dWeights);
            if (dx != null) {
                unweigh(shape, weights, delta, count, columns);
                fold(shape, columns, from, count, dx);
            }
        }
    }

    /** y = W columns, for the positions {@code [from, from + count)}. */
    private void weigh(
            Geometry shape, NativeFloats weights, NativeFloats columns, int count, NativeFloats y, int from) {
        int inner = inner(shape);
        int step = step(shape.filters(), inner);
        for (int at = 0; at < count; at += step) {
            bench.matrices.product(
                    shape.filters(),
                    Math.min(step, count - at),
                    inner,
                    Matrix.of(weights, 0, inner),
                    Matrix.of(columns, at, count),
                    0f,
                    Matrix.of(y, from + at, shape.outPlane()));
        }
    }

    /** dW = dy columns^T + beta dW. */
    private void correlate(
            Geometry shape, Matrix delta, NativeFloats columns, int count, float beta, NativeFloats gradient) {
        int inner = inner(shape);
        int height = evenPart(inner, Math.max(1, SMALL_RESULT / shape.filters()));
        int step = step(shape.filters(), height);
        for (int k = 0; k < inner; k += height) {
            for (int at = 0; at < count; at += step) {
                bench.matrices.product(
                        shape.filters(),
                        Math.min(height, inner - k),
                        Math.min(step, count - at),
                        Matrix.of(delta.values(), delta.at() + at, delta.stride()),
                        Matrix.of(columns, k * count + at, count).transpose(),
                        at == 0 ? beta : 1f,
                        Matrix.of(gradient, k, inner));
            }
        }
    }

    /** columns = W^T dy, for as many positions. */
    private void unweigh(Geometry shape, NativeFloats weights, Matrix delta, int count, NativeFloats columns) {
        int inner = inner(shape);
        int step = step(shape.filters(), inner);
        for (int at = 0; at < count; at += step) {
            bench.matrices.product(
                    inner,
                    Math.min(step, count - at),
                    shape.filters(),
                    Matrix.of(weights, 0, inner).transpose(),
                    Matrix.of(delta.values(), delta.at() + at, delta.stride()),
                    0f,
                    Matrix.of(columns, at, count));
        }
    }

    private void unfold(Geometry shape, NativeFloats x, int from, int count, NativeFloats columns) {
        walk(shape, from, count, (row, plane) -> new Window.Runs() {
            @Override
            public void run(int at, int source, int length) {
                columns.copy(row + at, x, plane + source, length);
            }

            @Override
            public void padding(int at, int length) {
                columns.zero(row + at, length);
            }
        });
    }

    private void fold(Geometry shape, NativeFloats columns, int from, int count, NativeFloats dx) {
        walk(shape, from, count, (row, plane) -> new Window.Runs() {
            @Override
            public void run(int at, int source, int length) {
                bench.matrices.add(length, columns, row + at, dx, plane + source);
            }

            @Override
            public void padding(int at, int length) {}
        });
    }

    private interface RowWalk {
        /** @param row where the row of the columns starts; @param plane where the input's channel starts */
        Window.Runs of(int row, int plane);
    }

    private static void walk(Geometry shape, int from, int count, RowWalk rowWalk) {
        Window window = shape.window();
        int row = 0;
        for (int channel = 0; channel < shape.channels(); channel++) {
            int plane = channel * shape.inPlane();
            for (int kh = 0; kh < window.rows().kernel(); kh++) {
                for (int kw = 0; kw < window.columns().kernel(); kw++, row += count) {
                    window.walk(kh, kw, shape.batch(), from, from + count, rowWalk.of(row, plane));
                }
            }
        }
    }
}
