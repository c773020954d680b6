package dev.lockstep.worker.math;

import java.util.Arrays;
import java.util.List;

/**
 * Of each value of x, a whole number, that row of W {@code [vocabulary][units]}; the rows of one vector side by side. A row's gradient
 * is the sum of the slopes of all places that it came to, in their order, in double.
 */
public final class EmbeddingRows implements SequenceKernel {
    private final int vocabulary;
    private int[] tokens = new int[0]; // of each value of x, [steps, examples, channels]; behind an end -1

    public EmbeddingRows(int vocabulary) {
        this.vocabulary = vocabulary;
    }

    /** @throws ValueException when a value names no row */
    @Override
    public void forward(Sequences x, List<NativeFloats> parameters, Sequences y, boolean training) {
        int channels = x.channels();
        int units = y.channels() / channels;
        readTokens(x);
        NativeFloats rows = parameters.get(0);
        for (int t = 0, at = 0; t < x.steps(); t++) {
            for (int n = 0; n < x.examples(); n++) {
                for (int c = 0; c < channels; c++, at++) {
                    int to = y.row(t, n) + c * units;
                    if (tokens[at] < 0) {
                        y.memory().zero(to, units);
                    } else {
                        y.memory().copy(to, rows, tokens[at] * units, units);
                    }
                }
            }
        }
    }

    private void readTokens(Sequences x) {
        int channels = x.channels();
        tokens = new int[x.rows() * channels];
        float[] values = new float[x.examples() * channels];
        for (int t = 0; t < x.steps(); t++) {
            x.read(t, values);
            for (int i = 0; i < values.length; i++) {
                int n = i / channels;
                int token = (int) values[i];
                if (!x.isPadding(t, n) && (token != values[i] || token < 0 || token >= vocabulary)) {
                    throw new ValueException("embedding: step " + t + " of a sequence is " + values[i]
                            + "; expected a whole number from 0 to " + (vocabulary - 1)
                            + ": mend the data, or let the layer's vocabulary be larger");
                }
                tokens[t * values.length + i] = x.isPadding(t, n) ? -1 : token;
            }
        }
    }

    @Override
    public void backward(
            Sequences x, List<NativeFloats> parameters, Sequences dy, List<NativeFloats> gradients, Sequences dx) {
        int channels = x.channels();
        int units = dy.channels() / channels;
        NativeFloats gradient = gradients.get(0);
        gradient.zero(0, gradient.length());
        int[] begins = new int[vocabulary + 1]; // places by token, those of one in their order
        for (int token : tokens) {
            if (token >= 0) {
                begins[token + 1]++;
            }
        }
        for (int token = 0; token < vocabulary; token++) {
            begins[token + 1] += begins[token];
        }
        int[] places = new int[begins[vocabulary]];
        int[] next = begins.clone();
        for (int place = 0; place < tokens.length; place++) {
            if (tokens[place] >= 0) {
                places[next[tokens[place]]++] = place;
            }
        }
        float[] slope = new float[units];
        double[] sum = new double[units];
        for (int token = 0; token < vocabulary; token++) {
            if (begins[token] == begins[token + 1]) {
                continue;
            }
            Arrays.fill(sum, 0);
            for (int i = begins[token]; i < begins[token + 1]; i++) {
                int vector = places[i] / channels;
                int from = dy.row(vector / x.examples(), vector % x.examples()) + places[i] % channels * units;
                dy.memory().read(from, slope, 0, units);
                for (int j = 0; j < units; j++) {
                    sum[j] += slope[j];
                }
            }
            for (int j = 0; j < units; j++) {
                slope[j] = (float) sum[j];
            }
            gradient.write(token * units, slope, 0, units);
        }
        if (dx != null) { // a number has no slope
            dx.zero();
        }
    }
}
