package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.math.NativeFloats;
import dev.lockstep.worker.model.Interval;
import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.onnx.Attribute;
import dev.lockstep.worker.onnx.OnnxLayer;
import dev.lockstep.worker.onnx.Tensor;
import java.util.List;

/**
 * Wu, He 2018: the channels are cut into groups; with the mean and the biased variance of all values of a group of one
 * example, h = (x - mean) / sqrt(variance + epsilon), y = gamma h + beta by channel. Parameters: gamma, beta.
 *
 * @param groups from 1; the channels are a multiple of it
 * @param epsilon above 0
 */
public record GroupNorm(int groups, double epsilon) implements OwnLayer {
    public static final String TYPE = "group-norm";

    static GroupNorm read(Keys keys) {
        return new GroupNorm(keys.required("groups"), keys.float32("epsilon", 1e-5, Interval.POSITIVE));
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public Shape output(Shape input) {
        if (input.channels() % groups != 0) {
            throw new IllegalArgumentException(groups + " groups do not divide its " + input.channels() + " channels");
        }
        return input;
    }

    @Override
    public List<Parameter> parameters(Shape input) {
        return List.of(
                new Parameter("gamma", input.channels(), 1, false), new Parameter("beta", input.channels(), 0, false));
    }

    @Override
    public String onnx(Shape input, String x, OnnxLayer onnx) {
        return onnx(groups, epsilon, input, x, onnx);
    }

    /** A group's values become one channel, by whose mean and variance ONNX's instance normalisation goes. */
    public static String onnx(int groups, double epsilon, Shape input, String x, OnnxLayer onnx) {
        String grouped = onnx.reshaped(x, 0, groups, -1);
        String normalised = onnx.add(
                "InstanceNormalization",
                List.of(
                        grouped,
                        onnx.constant("one", Tensor.filled(groups, 1)),
                        onnx.constant("zero", Tensor.filled(groups, 0))),
                Attribute.of("epsilon", (float) epsilon));
        boolean image = input.isImage();
        String standing = image
                ? onnx.reshaped(normalised, 0, input.channels(), input.height(), input.width())
                : onnx.reshaped(normalised, 0, input.channels());
        String scaled = onnx.add("Mul", List.of(standing, onnx.byChannel("gamma", image)));
        return onnx.add("Add", List.of(scaled, onnx.byChannel("beta", image)));
    }

    @Override
    public Kernel kernel(Shape input) {
        return new Normalisation(groups, epsilon);
    }

    /** Sums in double, of each example by itself, in the order of the values; what is computed from them in float. */
    static final class Normalisation implements Kernel {
        private final int groups;
        private final double epsilon;
        private float[][] means; // [groups][examples], of the last forward pass
        private float[][] inverses;

        Normalisation(int groups, double epsilon) {
            this.groups = groups;
            this.epsilon = epsilon;
        }

        @Override
        public void forward(Values x, List<NativeFloats> parameters, Values y, boolean training) {
            int n = x.examples();
            int channels = x.channels() / groups;
            float[] gamma = all(parameters.get(0));
            float[] beta = all(parameters.get(1));
            means = new float[groups][n];
            inverses = new float[groups][n];
            float[] row = new float[n];
            for (int group = 0; group < groups; group++) {
                float[] mean = means[group];
                float[] inverse = inverses[group];
                statistics(x, group * channels, channels, mean, inverse, row);
                for (int c = group * channels; c < (group + 1) * channels; c++) {
                    for (int p = 0; p < x.positions(); p++) {
                        x.memory().read(x.run(c, p), row, 0, n);
                        for (int i = 0; i < n; i++) {
                            row[i] = (row[i] - mean[i]) * inverse[i] * gamma[c] + beta[c];
                        }
                        y.memory().write(y.run(c, p), row, 0, n);
                    }
                }
            }
        }

        private void statistics(Values x, int from, int channels, float[] mean, float[] inverse, float[] row) {
            int n = x.examples();
            double count = (double) channels * x.positions();
            double[] sums = new double[n];
            for (int c = from; c < from + channels; c++) {
                for (int p = 0; p < x.positions(); p++) {
                    x.memory().read(x.run(c, p), row, 0, n);
                    for (int i = 0; i < n; i++) {
                        sums[i] += row[i];
                    }
                }
            }
            for (int i = 0; i < n; i++) {
                mean[i] = (float) (sums[i] / count);
                sums[i] = 0;
            }
            for (int c = from; c < from + channels; c++) {
                for (int p = 0; p < x.positions(); p++) {
                    x.memory().read(x.run(c, p), row, 0, n);
                    for (int i = 0; i < n; i++) {
                        double deviation = row[i] - mean[i];
                        sums[i] += deviation * deviation;
                    }
                }
            }
            for (int i = 0; i < n; i++) {
                inverse[i] = (float) (1 / Math.sqrt(sums[i] / count + epsilon));
            }
        }

        /** With g = gamma dy: dx = (g - mean(g) - h mean(g h)) / sqrt(variance + epsilon), means over the group. */
        @Override
        public void backward(
                Values x, List<NativeFloats> parameters, Values dy, List<NativeFloats> gradients, Values dx) {
            int n = x.examples();
            int channels = x.channels() / groups;
            float[] gamma = all(parameters.get(0));
            float[] gammaGradient = new float[x.channels()];
            float[] betaGradient = new float[x.channels()];
            float[] row = new float[n];
            float[] slope = new float[n];
            for (int group = 0; group < groups; group++) {
                float[] mean = means[group];
                float[] inverse = inverses[group];
                double[] sums = new double[n];
                double[] along = new double[n];
                for (int c = group * channels; c < (group + 1) * channels; c++) {
                    double scaled = 0;
                    double shifted = 0;
                    for (int p = 0; p < x.positions(); p++) {
                        x.memory().read(x.run(c, p), row, 0, n);
                        dy.memory().read(dy.run(c, p), slope, 0, n);
                        for (int i = 0; i < n; i++) {
                            row[i] = (row[i] - mean[i]) * inverse[i];
                            sums[i] += slope[i] * gamma[c];
                            along[i] += slope[i] * gamma[c] * row[i];
                        }
                        for (int i = 0; i < n; i++) {
                            scaled += slope[i] * row[i];
                            shifted += slope[i];
                        }
                    }
                    gammaGradient[c] = (float) scaled;
                    betaGradient[c] = (float) shifted;
                }
                double count = (double) channels * x.positions();
                for (int c = group * channels; c < (group + 1) * channels; c++) {
                    for (int p = 0; p < x.positions(); p++) {
                        x.memory().read(x.run(c, p), row, 0, n);
                        dy.memory().read(dy.run(c, p), slope, 0, n);
                        for (int i = 0; i < n; i++) {
                            float h = (row[i] - mean[i]) * inverse[i];
                            row[i] = (slope[i] * gamma[c] - (float) (sums[i] / count) - h * (float) (along[i] / count))
                                    * inverse[i];
                        }
                        dx.memory().write(dx.run(c, p), row, 0, n);
                    }
                }
            }
            gradients.get(0).write(0, gammaGradient, 0, gammaGradient.length);
            gradients.get(1).write(0, betaGradient, 0, betaGradient.length);
        }

        private static float[] all(NativeFloats memory) {
            float[] values = new float[memory.length()];
            memory.read(0, values, 0, values.length);
            return values;
        }
    }
}
