package dev.lockstep.worker.math;

import java.util.Arrays;
import java.util.List;

/**
 * Ba, Kiros, Hinton 2016, of each step by itself: y = gamma h + beta, h = (x - mean) / sqrt(variance + epsilon), with the mean and
 * the biased variance over the values of a vector, summed in double. Parameters: gamma, beta {@code [values]}. In many short passes:
 * of loops that mix float and double the compiler makes no vector code, so values change their type in passes of their own.
 */
public final class StepNorm implements SequenceKernel {
    private final double epsilon;

    /** @param epsilon above 0 */
    public StepNorm(double epsilon) {
        this.epsilon = epsilon;
    }

    @Override
    public void forward(Sequences x, List<NativeFloats> parameters, Sequences y, boolean training) {
        float[] gamma = Recurrence.repeated(parameters.get(0), x.examples());
        float[] beta = Recurrence.repeated(parameters.get(1), x.examples());
        float[] values = new float[gamma.length];
        Vectors vectors = new Vectors(x.examples(), x.channels());
        for (int t = 0; t < x.steps(); t++) {
            x.read(t, values);
            vectors.normalise(values, epsilon);
            VectorLoops.multiply(values, gamma, values.length);
            VectorLoops.add(values, beta, values.length);
            y.clearPadding(t, values);
            y.write(t, values);
        }
    }

    /** With g = gamma dy: dx = (g - mean(g) - h mean(g h)) / sqrt(variance + epsilon); dgamma = sum of dy h, dbeta = sum of dy. */
    @Override
    public void backward(
            Sequences x, List<NativeFloats> parameters, Sequences dy, List<NativeFloats> gradients, Sequences dx) {
        int channels = x.channels();
        float[] gamma = Recurrence.repeated(parameters.get(0), x.examples());
        double[] scale = new double[channels];
        double[] shift = new double[channels];
        float[] h = new float[gamma.length];
        float[] slope = new float[h.length];
        float[] products = new float[h.length];
        Vectors vectors = new Vectors(x.examples(), channels);
        for (int t = 0; t < x.steps(); t++) {
            x.read(t, h);
            vectors.normalise(h, epsilon);
            dy.read(t, slope);
            dy.clearPadding(t, slope);
            System.arraycopy(slope, 0, products, 0, slope.length);
            VectorLoops.multiply(products, h, slope.length);
            addColumns(scale, products);
            addColumns(shift, slope);
            if (dx != null) {
                VectorLoops.multiply(slope, gamma, slope.length);
                vectors.inputSlopes(slope, h, products);
                dx.clearPadding(t, slope);
                dx.write(t, slope);
            }
        }
        write(scale, gradients.get(0));
        write(shift, gradients.get(1));
    }

    /** Adds the vectors of a step, one after the other. */
    private static void addColumns(double[] sums, float[] values) {
        float[] row = new float[sums.length];
        double[] wide = new double[sums.length];
        for (int at = 0; at < values.length; at += row.length) {
            System.arraycopy(values, at, row, 0, row.length);
            widen(row, wide);
            add(sums, wide);
        }
    }

    private static void widen(float[] values, double[] wide) {
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
    }

    private static void add(double[] sums, double[] values) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += values[i];
        }
    }

    private static void write(double[] sums, NativeFloats to) {
        float[] values = new float[sums.length];
        for (int c = 0; c < values.length; c++) {
            values[c] = (float) sums[c];
        }
        to.write(0, values, 0, values.length);
    }

    /** The vectors of one step, {@code [examples][channels]}. */
    private static final class Vectors {
        private final int examples;
        private final int channels;
        private final double[] sums;
        private final double[] wide; // values in double
        private final double[] spread; // a value of each vector, at all its places
        private final float[] narrow; // the same in float32
        private final float[] inverse; // 1 / sqrt(variance + epsilon), of each vector

        Vectors(int examples, int channels) {
            this.examples = examples;
            this.channels = channels;
            this.sums = new double[examples];
            this.wide = new double[examples * channels];
            this.spread = new double[examples * channels];
            this.narrow = new float[examples * channels];
            this.inverse = new float[examples];
        }

        /** Leaves h in place. */
        void normalise(float[] values, double epsilon) {
            VectorLoops.rowSums(values, examples, channels, sums);
            for (int n = 0; n < examples; n++) {
                Arrays.fill(spread, n * channels, (n + 1) * channels, -(sums[n] / channels));
            }
            widen(values, wide);
            add(wide, spread);
            for (int n = 0; n < examples; n++) {
                double exact = 1 / Math.sqrt(squares(n * channels, (n + 1) * channels) / channels + epsilon);
                Arrays.fill(spread, n * channels, (n + 1) * channels, exact);
                inverse[n] = (float) exact;
            }
            multiply(wide, spread);
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) wide[i];
            }
        }

        private double squares(int from, int to) {
            double sum = 0;
            for (int i = from; i < to; i++) {
                sum += wide[i] * wide[i];
            }
            return sum;
        }

        private static void multiply(double[] values, double[] by) {
            for (int i = 0; i < values.length; i++) {
                values[i] *= by[i];
            }
        }

        /** From g to dx, in place; h is written over. @param products is written to */
        void inputSlopes(float[] g, float[] h, float[] products) {
            System.arraycopy(g, 0, products, 0, g.length);
            VectorLoops.multiply(products, h, g.length);
            spreadMeans(products);
            VectorLoops.multiply(h, narrow, h.length);
            spreadMeans(g);
            for (int i = 0; i < g.length; i++) {
                g[i] = g[i] - narrow[i] - h[i];
            }
            for (int n = 0; n < examples; n++) {
                Arrays.fill(narrow, n * channels, (n + 1) * channels, inverse[n]);
            }
            VectorLoops.multiply(g, narrow, g.length);
        }

        private void spreadMeans(float[] of) {
            VectorLoops.rowSums(of, examples, channels, sums);
            for (int n = 0; n < examples; n++) {
                Arrays.fill(narrow, n * channels, (n + 1) * channels, (float) (sums[n] / channels));
            }
        }
    }
}
