package dev.lockstep.worker.math;

import java.util.List;

/**
 * Ba, Kiros, Hinton 2016, of each step by itself: y = gamma h + beta, h = (x - mean) / sqrt(variance + epsilon), with the mean and
 * the biased variance over the values of a vector, summed in double. Parameters: gamma, beta {@code [values]}.
 */
public final class StepNorm implements SequenceKernel {
    private final double epsilon;

    /** @param epsilon above 0 */
    public StepNorm(double epsilon) {
        this.epsilon = epsilon;
    }

    @Override
    public void forward(Sequences x, List<NativeFloats> parameters, Sequences y, boolean training) {
        float[] gamma = Recurrence.all(parameters.get(0));
        float[] beta = Recurrence.all(parameters.get(1));
        int channels = x.channels();
        float[] values = new float[x.examples() * channels];
        for (int t = 0; t < x.steps(); t++) {
            x.read(t, values);
            for (int at = 0; at < values.length; at += channels) {
                normalise(values, at, channels);
                for (int c = 0; c < channels; c++) {
                    values[at + c] = gamma[c] * values[at + c] + beta[c];
                }
            }
            y.clearPadding(t, values);
            y.write(t, values);
        }
    }

    /** Leaves h in place. @return 1 / sqrt(variance + epsilon) */
    private float normalise(float[] values, int at, int channels) {
        double sum = 0;
        for (int c = 0; c < channels; c++) {
            sum += values[at + c];
        }
        double mean = sum / channels;
        double squares = 0;
        for (int c = 0; c < channels; c++) {
            double deviation = values[at + c] - mean;
            squares += deviation * deviation;
        }
        double inverse = 1 / Math.sqrt(squares / channels + epsilon);
        for (int c = 0; c < channels; c++) {
            values[at + c] = (float) ((values[at + c] - mean) * inverse);
        }
        return (float) inverse;
    }

    /** With g = gamma dy: dx = (g - mean(g) - h mean(g h)) / sqrt(variance + epsilon); dgamma = sum of dy h, dbeta = sum of dy. */
    @Override
    public void backward(
            Sequences x, List<NativeFloats> parameters, Sequences dy, List<NativeFloats> gradients, Sequences dx) {
        float[] gamma = Recurrence.all(parameters.get(0));
        int channels = x.channels();
        double[] scale = new double[channels];
        double[] shift = new double[channels];
        float[] h = new float[x.examples() * channels];
        float[] slope = new float[h.length];
        for (int t = 0; t < x.steps(); t++) {
            x.read(t, h);
            dy.read(t, slope);
            dy.clearPadding(t, slope);
            for (int at = 0; at < h.length; at += channels) {
                float inverse = normalise(h, at, channels);
                double mean = 0;
                double along = 0;
                for (int c = 0; c < channels; c++) {
                    scale[c] += slope[at + c] * h[at + c];
                    shift[c] += slope[at + c];
                    slope[at + c] *= gamma[c];
                    mean += slope[at + c];
                    along += slope[at + c] * h[at + c];
                }
                float meanOf = (float) (mean / channels);
                float alongOf = (float) (along / channels);
                for (int c = 0; c < channels; c++) {
                    slope[at + c] = (slope[at + c] - meanOf - h[at + c] * alongOf) * inverse;
                }
            }
            if (dx != null) {
                dx.clearPadding(t, slope);
                dx.write(t, slope);
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
}
