package dev.lockstep.worker.math;

import java.util.List;

/**
 * A dense layer of which some outputs alone are wanted, of each example its own: z_j = x w_j for those rows of W
 * {@code [classes][inputs]}. A row's gradient is the sum of the slopes of all examples that asked for it, in their order, in double.
 */
public final class SampledClasses {
    private final EmbeddingRows rows;
    private final int inputs;

    private float[] x; // of the last forward pass, [examples][inputs]
    private Sequences wanted; // the classes, one beside the other, of each example
    private Sequences gathered; // their rows
    private List<NativeFloats> weights;

    public SampledClasses(int classes, int inputs) {
        this.rows = new EmbeddingRows(classes);
        this.inputs = inputs;
    }

    /**
     * @param input {@code [examples][inputs]}
     * @param w {@code [classes][inputs]}
     * @param classes of each example as many
     * @return {@code [examples][classes of one]}
     */
    public float[][] forward(NativeFloats input, NativeFloats w, int[][] classes) {
        int examples = classes.length;
        int each = classes[0].length;
        int[] lengths = Sequences.full(1, examples);
        wanted = new Sequences(NativeFloats.allocate(examples * each), 1, each, lengths);
        gathered = new Sequences(NativeFloats.allocate(examples * each * inputs), 1, each * inputs, lengths);
        weights = List.of(w);
        float[] numbers = new float[examples * each];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = classes[i / each][i % each];
        }
        wanted.write(0, numbers);
        rows.forward(wanted, weights, gathered, true);
        x = new float[examples * inputs];
        input.read(0, x, 0, x.length);
        float[] own = new float[each * inputs];
        float[][] z = new float[examples][each];
        for (int n = 0; n < examples; n++) {
            gathered.memory().read(gathered.row(0, n), own, 0, own.length);
            for (int j = 0; j < each; j++) {
                double sum = 0;
                for (int i = 0; i < inputs; i++) {
                    sum += (double) x[n * inputs + i] * own[j * inputs + i];
                }
                z[n][j] = (float) sum;
            }
        }
        return z;
    }

    /**
     * After a forward pass.
     *
     * @param dz {@code [examples][classes of one]}
     * @param dw takes the gradient of all of W
     * @param dx takes that of x
     */
    public void backward(float[][] dz, NativeFloats dw, NativeFloats dx) {
        int each = wanted.channels();
        float[] own = new float[each * inputs];
        float[] slopes = new float[dz.length * each * inputs];
        for (int n = 0; n < dz.length; n++) {
            gathered.memory().read(gathered.row(0, n), own, 0, own.length);
            double[] sums = new double[inputs];
            for (int j = 0; j < each; j++) {
                for (int i = 0; i < inputs; i++) {
                    slopes[(n * each + j) * inputs + i] = dz[n][j] * x[n * inputs + i];
                    sums[i] += (double) dz[n][j] * own[j * inputs + i];
                }
            }
            float[] toX = new float[inputs];
            for (int i = 0; i < inputs; i++) {
                toX[i] = (float) sums[i];
            }
            dx.write(n * inputs, toX, 0, inputs);
        }
        gathered.write(0, slopes);
        rows.backward(wanted, weights, gathered, List.of(dw), null);
    }
}
