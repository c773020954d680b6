package dev.lockstep.worker.math;

import dev.lockstep.worker.math.Matrices.Matrix;

/**
 * A product for each output row and tap, straight on the images: for a tap, the row reads one run of values of each
 * channel, and these runs are the rows of a matrix as they lie. Nothing is copied; padding is what no product reaches.
 *
 * <pre>
 * y [F, run]   += W[tap] [F, C] x [C, run]
 * dW[tap]      += dy [F, run] x^T
 * dx [C, run]  += W[tap]^T dy
 * </pre>
 */
public final class TapConvolution extends ConvolutionProducts {
    private NativeFloats byTap = NativeFloats.allocate(0); // [taps, F, C]
    private float[] order = new float[0];
    private float[] reordered = new float[0];

    public TapConvolution(Workbench bench) {
        super(bench);
    }

    @Override
    public String technique() {
        return "taps";
    }

    @Override
    public void forward(
            Geometry shape, NativeFloats x, NativeFloats weights, float[] bias, boolean relu, NativeFloats y) {
        int filters = shape.filters();
        int channels = shape.channels();
        orderByTap(shape, weights);
        int rowLength = shape.window().columns().out() * shape.batch();
        int step = step(filters, channels);
        for (int from = 0; from < shape.outPlane(); from += rowLength) {
            fillWithBias(shape, bias, y, from, rowLength);
            int row = from;
            eachTap(shape, from, rowLength, (tap, at, source, count) -> {
                Matrix tapWeights = Matrix.of(byTap, tap * filters * channels, channels);
                for (int done = 0; done < count; done += step) {
                    bench.matrices.product(
                            filters,
                            Math.min(step, count - done),
                            channels,
                            tapWeights,
                            Matrix.of(x, source + done, shape.inPlane()),
                            1f,
                            Matrix.of(y, row + at + done, shape.outPlane()));
                }
            });
            if (relu) {
                rectify(shape, y, from, rowLength);
            }
        }
    }

    private void rectify(Geometry shape, NativeFloats y, int from, int count) {
        float[] tile = bench.tile(0, count);
        for (int filter = 0; filter < shape.filters(); filter++) {
            int at = filter * shape.outPlane() + from;
            y.read(at, tile, 0, count);
            VectorLoops.relu(tile, count);
            y.write(at, tile, 0, count);
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
        int filters = shape.filters();
        int channels = shape.channels();
        int rowLength = shape.window().columns().out() * shape.batch();
        NativeFloats gradientByTap = bench.block(0, dWeights.length());
        gradientByTap.zero(0, dWeights.length());
        if (dx != null) {
            orderByTap(shape, weights);
            dx.zero(0, dx.length());
        }
        NativeFloats ones = bench.ones(rowLength);
        for (int from = 0; from < shape.outPlane(); from += rowLength) {
            Matrix delta = throughRelu(shape, dy, y, from, rowLength);
            if (dBias != null) {
                bench.matrices.rowSums(filters, rowLength, delta, ones, from == 0 ? 0f : 1f, dBias);
            }
            eachTap(shape, from, rowLength, (tap, at, source, count) -> {
                Matrix run = Matrix.of(delta.values(), delta.at() + at, delta.stride());
                weightGradient(shape, run, x, source, count, gradientByTap, tap * filters * channels);
                if (dx != null) {
                    inputGradient(shape, run, tap * filters * channels, count, dx, source);
                }
            });
        }
        orderByWeight(shape, gradientByTap, dWeights);
    }

    private void weightGradient(
            Geometry shape, Matrix delta, NativeFloats x, int source, int count, NativeFloats gradient, int tapAt) {
        int channels = shape.channels();
        int filterStep = channels > SMALL_RESULT / 8
                ? shape.filters()
                : evenPart(shape.filters(), Math.max(1, SMALL_RESULT / channels));
        int step = step(filterStep, channels);
        for (int filter = 0; filter < shape.filters(); filter += filterStep) {
            for (int done = 0; done < count; done += step) {
                bench.matrices.product(
                        Math.min(filterStep, shape.filters() - filter),
                        channels,
                        Math.min(step, count - done),
                        Matrix.of(delta.values(), delta.at() + filter * delta.stride() + done, delta.stride()),
                        Matrix.of(x, source + done, shape.inPlane()).transpose(),
                        1f,
                        Matrix.of(gradient, tapAt + filter * channels, channels));
            }
        }
    }

    private void inputGradient(Geometry shape, Matrix delta, int tapAt, int count, NativeFloats dx, int source) {
        int step = step(shape.filters(), shape.channels());
        Matrix tapWeights = Matrix.of(byTap, tapAt, shape.channels()).transpose();
        for (int done = 0; done < count; done += step) {
            bench.matrices.product(
                    shape.channels(),
                    Math.min(step, count - done),
                    shape.filters(),
                    tapWeights,
                    Matrix.of(delta.values(), delta.at() + done, delta.stride()),
                    1f,
                    Matrix.of(dx, source + done, shape.inPlane()));
        }
    }

    private interface TapRun {
        /** {@code count} output values from {@code at} on, within the row, read each channel from {@code source} on. */
        void run(int tap, int at, int source, int count);
    }

    private static void eachTap(Geometry shape, int from, int rowLength, TapRun consumer) {
        Window window = shape.window();
        int tap = 0;
        for (int kh = 0; kh < window.rows().kernel(); kh++) {
            for (int kw = 0; kw < window.columns().kernel(); kw++, tap++) {
                int thisTap = tap;
                window.walk(kh, kw, shape.batch(), from, from + rowLength, new Window.Runs() {
                    @Override
                    public void run(int at, int source, int count) {
                        consumer.run(thisTap, at, source, count);
                    }

                    @Override
                    public void padding(int at, int count) {}
                });
            }
        }
    }

    /** [F, C, taps] to [taps, F, C]. */
    private void orderByTap(Geometry shape, NativeFloats weights) {
        if (byTap.length() != weights.length()) {
            byTap = NativeFloats.allocate(weights.length());
        }
        reorder(weights, shape.filters() * shape.channels(), shape.window().taps(), byTap);
    }

    /** [taps, F, C] to [F, C, taps]. */
    private void orderByWeight(Geometry shape, NativeFloats ordered, NativeFloats weights) {
        reorder(ordered, shape.window().taps(), shape.filters() * shape.channels(), weights);
    }

    private void reorder(NativeFloats from, int rows, int columns, NativeFloats to) {
        int length = rows * columns;
        if (order.length < length) {
            order = new float[length];
            reordered = new float[length];
        }
        from.read(0, order, 0, length);
        for (int row = 0; row < rows; row++) {
            for (int column = 0, at = row; column < columns; column++, at += rows) {
                reordered[at] = order[row * columns + column];
            }
        }
        to.write(0, reordered, 0, length);
    }
}
