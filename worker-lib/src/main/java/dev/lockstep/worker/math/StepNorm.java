package dev.lockstep.worker.math;

import java.util.Arrays;
import java.util.List;

/**
 * Ba, Kiros, Hinton 2016, of each step by itself: y = gamma h + beta, h = (x - mean) / sqrt(variance + epsilon), with the mean and
 * the biased variance over the values of a vector, summed in double. Parameters: gamma, beta {@code [values]}. In many short passes,
 * of which the compiler makes vector code. What a forward pass in training normalised is kept for the backward pass.
 */
public final class StepNorm implements SequenceKernel {
    /** At a time: they stay in the first cache, and their sums are taken side by side. */
    private static final int VECTORS = 8;

    private final double epsilon;

    private NativeFloats normalised; // h of the last forward pass in training, [steps, examples, channels]
    private float[]
            inverses; // 1 / sqrt(variance + epsilon) of it, [steps, examples]; VECTORS more, for the last are as many

    /** @param epsilon above 0 */
    public StepNorm(double epsilon) {
        this.epsilon = epsilon;
    }

    @Override
    public void forward(Sequences x, List<NativeFloats> parameters, Sequences y, boolean training) {
        float[] gamma = Recurrence.repeated(parameters.get(0), VECTORS);
        float[] beta = Recurrence.repeated(parameters.get(1), VECTORS);
        float[] values = new float[gamma.length];
        Vectors vectors = new Vectors(x.channels());
        inverses = new float[x.rows() + VECTORS];
        if (training) {
            normalised = Recurrence.grown(normalised, x.rows() * x.channels());
        }
        for (int row = 0; row < x.rows(); row += VECTORS) {
            int count = x.readRows(row, values) * x.channels();
            vectors.normalise(values, epsilon, inverses, row);
            if (training) {
                normalised.write(row * x.channels(), values, 0, count);
            }
            VectorLoops.multiply(values, gamma, values.length);
            VectorLoops.add(values, beta, values.length);
            y.clearRows(row, values);
            y.writeRows(row, values);
        }
    }

    /** With g = gamma dy: dx = (g - mean(g) - h mean(g h)) / sqrt(variance + epsilon); dgamma = sum of dy h, dbeta = sum of dy. */
    @Override
    public void backward(
            Sequences x, List<NativeFloats> parameters, Sequences dy, List<NativeFloats> gradients, Sequences dx) {
        int channels = x.channels();
        float[] gamma = Recurrence.repeated(parameters.get(0), VECTORS);
        double[] scale = new double[channels];
        double[] shift = new double[channels];
        float[] h = new float[gamma.length];
        float[] slope = new float[h.length];
        float[] products = new float[h.length];
        Vectors vectors = new Vectors(channels);
        for (int row = 0; row < x.rows(); row += VECTORS) {
            int count = dy.readRows(row, slope) * channels;
            dy.clearRows(row, slope);
            normalised.read(row * channels, h, 0, count);
            System.arraycopy(slope, 0, products, 0, count);
            VectorLoops.multiply(products, h, count);
            vectors.addTo(scale, products, count);
            vectors.addTo(shift, slope, count);
            if (dx != null) {
                VectorLoops.multiply(slope, gamma, count);
                vectors.inputSlopes(slope, h, products, inverses, row);
                dx.clearRows(row, slope);
                dx.writeRows(row, slope);
            }
        }
        write(scale, gradients.get(0));
        write(shift, gradients.get(1));
    }

    private static void write(double[] sums, NativeFloats to) {
        float[] values = new float[sums.length];
        for (int c = 0; c < values.length; c++) {
            values[c] = (float) sums[c];
        }
        to.write(0, values, 0, values.length);
    }

    /** A few vectors, {@code [VECTORS][channels]}. */
    private static final class Vectors {
        private final int channels;
        private final double[] sums; // of each vector
        private final double[] more;
        private final double[] wide; // values in double
        private final double[] spread; // a value of each vector, at all its places

        Vectors(int channels) {
            this.channels = channels;
            this.sums = new double[VECTORS];
            this.more = new double[VECTORS];
            this.wide = new double[VECTORS * channels];
            this.spread = new double[VECTORS * channels];
        }

        /** Leaves h in place, and 1 / sqrt(variance + epsilon) of each vector in an array, from one place on. */
        void normalise(float[] values, double epsilon, float[] inverses, int from) {
            sumRows(values, sums);
            for (int n = 0; n < VECTORS; n++) {
                Arrays.fill(spread, n * channels, (n + 1) * channels, -(sums[n] / channels));
            }
            addTo(wide, spread, 0);
            System.arraycopy(wide, 0, spread, 0, wide.length);
            multiply(spread, wide);
            VectorLoops.rowSums(spread, VECTORS, channels, sums);
            for (int n = 0; n < VECTORS; n++) {
                double exact = 1 / Math.sqrt(sums[n] / channels + epsilon);
                Arrays.fill(spread, n * channels, (n + 1) * channels, exact);
                inverses[from + n] = (float) exact;
            }
            multiply(wide, spread);
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) wide[i];
            }
        }

        /** Adds vectors to one, one after the other. */
        void addTo(double[] sum, float[] values, int count) {
            VectorLoops.widen(values, wide, count);
            for (int at = 0; at < count; at += channels) {
                addTo(sum, wide, at);
            }
        }

        private static void addTo(double[] sum, double[] values, int from) {
            for (int i = 0; i < sum.length; i++) {
                sum[i] += values[from + i];
            }
        }

        /** Leaves the values in {@link #wide}. */
        private void sumRows(float[] values, double[] to) {
            VectorLoops.widen(values, wide, values.length);
            VectorLoops.rowSums(wide, VECTORS, channels, to);
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
            for (int n = 0; n < VECTORS; n++) {
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
