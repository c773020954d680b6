package dev.lockstep.worker.math;

import java.util.Arrays;

/**
 * Pooling of one output row (columns x batch values) of one channel at a time; all arrays batch-last. A tap's values
 * are gathered into a heap array as long as the row, so that every loop over them has one index.
 */
public final class PoolingRows {
    private static final int MINUS_INFINITY = Float.floatToRawIntBits(Float.NEGATIVE_INFINITY);

    private final Window window;
    private final int batch;
    private final NativeFloats x;
    private final NativeFloats y;
    private final int rowLength; // of the output
    private final int inRowLength;
    private final boolean disjoint;
    private final boolean tiles;

    private final float[] result;
    private final float[] tapValues;
    private final float[] divisors;
    private final float[] sourceRow;
    private final int[] tapBits;
    private final int[] maximumBits;
    private final int[] gradientBits;
    private final int[] open;
    private final int[] sourceBits;

    public PoolingRows(Window window, int batch, Workbench bench, NativeFloats x, NativeFloats y) {
        this.window = window;
        this.batch = batch;
        this.x = x;
        this.y = y;
        this.rowLength = window.columns().out() * batch;
        this.inRowLength = window.columns().in() * batch;
        this.disjoint = window.rows().disjoint() && window.columns().disjoint();
        this.tiles = window.rows().tiles() && window.columns().tiles();
        this.result = bench.tile(0, rowLength);
        this.tapValues = bench.tile(1, rowLength);
        this.divisors = bench.tile(2, rowLength);
        this.sourceRow = bench.tile(3, inRowLength);
        this.tapBits = bench.bitTile(0, rowLength);
        this.maximumBits = bench.bitTile(1, rowLength);
        this.gradientBits = bench.bitTile(2, rowLength);
        this.open = bench.bitTile(3, rowLength);
        this.sourceBits = bench.bitTile(4, inRowLength);
    }

    /** y = the maximum or the average of each window. */
    public void pool(boolean max, boolean countPadding) {
        for (int channel = 0; channel < channels(); channel++) {
            for (int row = 0; row < window.rows().out(); row++) {
                if (max) {
                    maximum(channel, row);
                } else {
                    average(channel, row, countPadding);
                }
            }
        }
    }

    /** dx = the gradient of the input, given that of y. */
    public void backpropagate(boolean max, boolean countPadding, NativeFloats gradient, NativeFloats dx) {
        if (!tiles) {
            dx.zero(0, dx.length());
        }
        for (int channel = 0; channel < channels(); channel++) {
            for (int row = 0; row < window.rows().out(); row++) {
                if (max) {
                    routeToMaximum(channel, row, gradient, dx);
                } else {
                    spread(channel, row, countPadding, gradient, dx);
                }
            }
        }
    }

    private int channels() {
        return y.length() / window.outputPlane(batch);
    }

    private void maximum(int channel, int row) {
        Arrays.fill(result, 0, rowLength, Float.NEGATIVE_INFINITY);
        for (int kh = 0; kh < window.rows().kernel(); kh++) {
            if (readRow(channel, row, kh)) {
                for (int kw = 0; kw < window.columns().kernel(); kw++) {
                    gather(kw, Float.NEGATIVE_INFINITY);
                    VectorLoops.max(result, tapValues, rowLength);
                }
            }
        }
        y.write(outputAt(channel, row), result, 0, rowLength);
    }

    private void average(int channel, int row, boolean countPadding) {
        Arrays.fill(result, 0, rowLength, 0f);
        for (int kh = 0; kh < window.rows().kernel(); kh++) {
            if (readRow(channel, row, kh)) {
                for (int kw = 0; kw < window.columns().kernel(); kw++) {
                    gather(kw, 0f);
                    VectorLoops.add(result, tapValues, rowLength);
                }
            }
        }
        divide(result, row, countPadding);
        y.write(outputAt(channel, row), result, 0, rowLength);
    }

    /** The gradient of each maximum goes to the first tap that has it. */
    private void routeToMaximum(int channel, int row, NativeFloats gradient, NativeFloats dx) {
        y.read(outputAt(channel, row), maximumBits, 0, rowLength);
        gradient.read(outputAt(channel, row), gradientBits, 0, rowLength);
        Arrays.fill(open, 0, rowLength, -1);
        for (int kh = 0; kh < window.rows().kernel(); kh++) {
            int source = window.rows().source(row, kh);
            if (source < 0 || source >= window.rows().in()) {
                continue;
            }
            int at = inputAt(channel, source);
            x.read(at, sourceBits, 0, inRowLength);
            if (!disjoint) {
                dx.read(at, sourceRow, 0, inRowLength);
            }
            for (int kw = 0; kw < window.columns().kernel(); kw++) {
                gatherBits(kw);
                VectorLoops.routeMax(tapBits, maximumBits, gradientBits, open, rowLength);
                scatterBits(kw);
            }
            if (disjoint) {
                writeRouted(dx, at);
            } else {
                dx.write(at, sourceRow, 0, inRowLength);
            }
        }
    }

    /** The gradient of each average goes to all its taps. */
    private void spread(int channel, int row, boolean countPadding, NativeFloats gradient, NativeFloats dx) {
        gradient.read(outputAt(channel, row), result, 0, rowLength);
        divide(result, row, countPadding);
        for (int kh = 0; kh < window.rows().kernel(); kh++) {
            int source = window.rows().source(row, kh);
            if (source < 0 || source >= window.rows().in()) {
                continue;
            }
            int at = inputAt(channel, source);
            if (tiles) {
                Arrays.fill(sourceRow, 0, inRowLength, 0f);
            } else {
                dx.read(at, sourceRow, 0, inRowLength);
            }
            for (int kw = 0; kw < window.columns().kernel(); kw++) {
                for (int column = window.columns().first(kw);
                        column < window.columns().end(kw);
                        column++) {
                    int to = window.columns().source(column, kw) * batch;
                    for (int i = 0, from = column * batch; i < batch; i++) {
                        sourceRow[to + i] += result[from + i];
                    }
                }
            }
            dx.write(at, sourceRow, 0, inRowLength);
        }
    }

    private void divide(float[] values, int row, boolean countPadding) {
        int rows = 0;
        for (int kh = 0; kh < window.rows().kernel(); kh++) {
            int source = window.rows().source(row, kh);
            rows += source >= 0 && source < window.rows().in() ? 1 : 0;
        }
        for (int column = 0; column < window.columns().out(); column++) {
            int columns = 0;
            for (int kw = 0; kw < window.columns().kernel(); kw++) {
                int source = window.columns().source(column, kw);
                columns += source >= 0 && source < window.columns().in() ? 1 : 0;
            }
            int count = countPadding ? window.taps() : rows * columns;
            Arrays.fill(divisors, column * batch, (column + 1) * batch, (float) count);
        }
        VectorLoops.divide(values, divisors, rowLength);
    }

    private boolean readRow(int channel, int row, int kh) {
        int source = window.rows().source(row, kh);
        if (source < 0 || source >= window.rows().in()) {
            return false;
        }
        x.read(inputAt(channel, source), sourceRow, 0, inRowLength);
        return true;
    }

    private void gather(int kw, float padding) {
        int first = window.columns().first(kw);
        int end = Math.max(first, window.columns().end(kw));
        Arrays.fill(tapValues, 0, first * batch, padding);
        for (int column = first; column < end; column++) {
            System.arraycopy(sourceRow, window.columns().source(column, kw) * batch, tapValues, column * batch, batch);
        }
        Arrays.fill(tapValues, end * batch, rowLength, padding);
    }

    private void gatherBits(int kw) {
        int first = window.columns().first(kw);
        int end = Math.max(first, window.columns().end(kw));
        Arrays.fill(tapBits, 0, first * batch, MINUS_INFINITY);
        for (int column = first; column < end; column++) {
            System.arraycopy(sourceBits, window.columns().source(column, kw) * batch, tapBits, column * batch, batch);
        }
        Arrays.fill(tapBits, end * batch, rowLength, MINUS_INFINITY);
    }

    /** Puts a tap's share of the gradient where the tap's values came from, or adds it where windows overlap. */
    private void scatterBits(int kw) {
        for (int column = window.columns().first(kw); column < window.columns().end(kw); column++) {
            int to = window.columns().source(column, kw) * batch;
            int from = column * batch;
            if (disjoint) {
                // No other tap reads these values of the row again, so their place is free.
                System.arraycopy(tapBits, from, sourceBits, to, batch);
            } else {
                for (int i = 0; i < batch; i++) {
                    sourceRow[to + i] += Float.intBitsToFloat(tapBits[from + i]);
                }
            }
        }
    }

    /** Writes the row's gradients, without the values of the input that no tap has read. */
    private void writeRouted(NativeFloats dx, int at) {
        if (tiles) {
            dx.write(at, sourceBits, 0, inRowLength);
            return;
        }
        WindowAxis columns = window.columns();
        for (int kw = 0; kw < columns.kernel(); kw++) {
            for (int column = columns.first(kw); column < columns.end(kw); column++) {
                int from = columns.source(column, kw) * batch;
                dx.write(at + from, sourceBits, from, batch);
            }
        }
    }

    private int inputAt(int channel, int row) {
        return channel * window.inputPlane(batch) + row * inRowLength;
    }

    private int outputAt(int channel, int row) {
        return channel * window.outputPlane(batch) + row * rowLength;
    }
}
