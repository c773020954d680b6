package dev.lockstep.worker.math;

import java.util.Arrays;
import java.util.List;

/**
 * Ba, Kiros, Hinton 2016, of each step by itself: y = gamma h + beta, h = (x - mean) / sqrt(variance + epsilon), with the mean and
 * the biased variance over the values of a vector, summed in double. Parameters: gamma, beta {@code [values]}. In many short passes,
 * of which the compiler makes vector code. What a forward pass in training normalised is kept for the backward pass.
 */
public final class StepNorm implements SequenceKernel {
    private final double epsilon;

    private NativeFloats normalised; // h of the last forward pass in training, [steps, examples, channels]
    private float[] inverses; // 1 / sqrt(variance + epsilon) of it, [steps, examples]

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
        inverses = new float[x.rows()];
        if (training) {
            normalised = Recurrence.grown(normalised, x.rows() * x.channels());
        }
        for (int t = 0; t < x.steps(); t++) {
            x.read(t, values);
            vectors.normalise(values, epsilon, inverses, t * x.examples());
            if (training) {
                normalised.write(t * values.length, values, 0, values.length);
            }
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
            normalised.read(t * h.length, h, 0, h.length);
            dy.read(t, slope);
            dy.clearPadding(t, slope);
            System.arraycopy(slope, 0, products, 0, slope.length);
            VectorLoops.multiply(products, h, slope.length);
            addColumns(scale, products);
            addColumns(shift, slope);
            if (dx != null) {
                VectorLoops.multiply(slope, gamma, slope.length);
                vectors.inputSlopes(slope, h, products, inverses, t * x.examples());
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
            VectorLoops.widen(row, wide, row.length);
            add(sums, wide);
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
        private final double[] sums; // of each vector
        private final double[] more;
        private final double[] wide; // values in double
        private final double[] spread; // a value of each vector, at all its places

        Vectors(int examples, int channels) {
            this.examples = examples;
            this.channels = channels;
            this.sums = new double[examples];
            this.more = new double[examples];
            this.wide = new double[examples * channels];
            this.spread = new double[examples * channels];
        }

        /** Leaves h in place, and 1 / sqrt(variance + epsilon) of each vector in an array, from one place on. */
        void normalise(float[] values, double epsilon, float[] inverses, int from) {
            sumRows(values, sums);
            for (int n = 0; n < examples; n++) {
                Arrays.fill(spread, n * channels, (n + 1) * channels, -(sums[n] / channels));
            }
            add(wide, spread);
            System.arraycopy(wide, 0, spread, 0, wide.length);
            multiply(spread, wide);
            VectorLoops.rowSums(spread, examples, channels, sums);
            for (int n = 0; n < examples; n++) {
                double exact = 1 / Math.sqrt(sums[n] / channels + epsilon);
                Arrays.fill(spread, n * channels, (n + 1) * channels, exact);
                inverses[from + n] = (float) exact;
            }
            multiply(wide, spread);
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) wide[i];
            }
        }

        /** Leaves the values in {@link #wide}. */
        private void sumRows(float[] values, double[] to) {
            VectorLoops.widen(values, wide, values.length);
            VectorLoops.rowSums(wide, examples, channels, to);
        }

        private static void multiply(double[] values, double[] by) {
            for (int i = 0; i < values.length; i++) {
                values[i] *= by[i];
            }
        }

        /**
         * From g to dx, in place.
         *
         * @param products is written to
         * @param inverses from one on, of each vector
         */
        void inputSlopes(float[] g, float[] h, float[] products, float[] inverses, int from) {
            System.arraycopy(g, 0, products, 0, g.length);
            VectorLoops.multiply(products, h, g.length);
            sumRows(products, more);
            sumRows(g, sums);
            for (int n = 0; n < examples; n++) {
                float mean = (float) (sums[n] / channels);
                float share = (float) (more[n] / channels);
                slopes(g, h, n * channels, (n + 1) * channels, mean, share, inverses[from + n]);
            }
        }

        private static void slopes(float[] g, float[] h, int from, int to, float mean, float share, float inverse) {
            for (int i = from; i < to; i++) {
                g[i] = (g[i] - mean - h[i] * share) * inverse;
            }
        }
    }
}
