package dev.lockstep.worker.math;

import java.util.List;

/**
 * Bahdanau, Cho, Bengio 2015: with q = x Q + b of what asks and k = m K of what is looked at, a_ts = softmax over s of
 * v . tanh(q_t + k_s), over the steps s that step t looks at; the output is the sum over s of a_ts m_s. Parameters: W
 * {@code [2 width][width]} (Q, K), b {@code [width]}, v {@code [width]}.
 */
public final class AdditiveScores implements SequenceKernel {
    private final int width;
    private final Attending attending;
    private final Recurrence products = new Recurrence(false);
    private final ScoreRows scores;

    private NativeFloats projected; // q, k, [steps, examples, 2 width]
    private NativeFloats slopes; // dq, dk
    private float[][] weights = new float[0][]; // a of each example, [steps][steps], of the last forward pass

    /** @param crosses whether something else is looked at than asks */
    public AdditiveScores(int width, boolean crosses, Sight sight) {
        this.width = width;
        this.attending = new Attending(width, crosses, sight);
        this.scores = new ScoreRows(sight);
    }

    @Override
    public void forward(Sequences x, List<NativeFloats> parameters, Sequences y, boolean training) {
        projected = Recurrence.grown(projected, x.rows() * 2 * width);
        Sequences qk = new Sequences(projected, x.steps(), 2 * width, x.lengths());
        NativeFloats w = parameters.get(0);
        products.project(attending.asking(x), w, 0, qk.part(0, width), 0);
        products.project(attending.lookedAt(x), w, width, qk.part(width, width), 0);
        float[] bias = Recurrence.all(parameters.get(1));
        float[] v = Recurrence.all(parameters.get(2));
        int[] borders = attending.borders(x);
        weights = new float[x.examples()][];
        y.zeroPadding();
        for (int n = 0; n < x.examples(); n++) {
            int length = x.lengths()[n];
            float[][] q = rows(qk.part(0, width), n);
            float[][] k = rows(qk.part(width, width), n);
            float[][] m = rows(attending.lookedAt(x), n);
            float[] a = new float[length * length];
            float[] row = new float[length];
            float[] bent = new float[width];
            for (int t = 0; t < length; t++) {
                VectorLoops.add(q[t], bias, width);
                for (int s = 0; s < length; s++) {
                    a[t * length + s] = score(q[t], k[s], v, bent);
                }
            }
            scores.softmax(a, borders[n], length, 1);
            for (int t = 0; t < length; t++) {
                System.arraycopy(a, t * length, row, 0, length);
                y.memory().write(y.row(t, n), mixed(row, m), 0, width);
            }
            weights[n] = a;
        }
    }

    private float score(float[] q, float[] k, float[] v, float[] bent) {
        bend(q, k, bent);
        double sum = 0;
        for (int j = 0; j < width; j++) {
            sum += v[j] * bent[j];
        }
        return (float) sum;
    }

    private void bend(float[] q, float[] k, float[] bent) {
        for (int j = 0; j < width; j++) {
            bent[j] = q[j] + k[j];
        }
        VectorLoops.tanh(bent, 0, width);
    }

    private float[] mixed(float[] a, float[][] m) {
        double[] sum = new double[width];
        for (int s = 0; s < m.length; s++) {
            addScaled(sum, a[s], m[s]);
        }
        return floats(sum);
    }

    private static float[][] rows(Sequences of, int example) {
        float[][] rows = new float[of.lengths()[example]][of.channels()];
        for (int t = 0; t < rows.length; t++) {
            of.memory().read(of.row(t, example), rows[t], 0, of.channels());
        }
        return rows;
    }

    private static void addScaled(double[] to, double by, float[] from) {
        for (int j = 0; j < from.length; j++) {
            to[j] += by * from[j];
        }
    }

    private static float[] floats(double[] of) {
        float[] floats = new float[of.length];
        for (int j = 0; j < floats.length; j++) {
            floats[j] = (float) of[j];
        }
        return floats;
    }

    /** da_ts = dy_t . m_s, dm_s = sum of a_ts dy_t; with g = tanh(q_t + k_s), dv = sum of de g, dq_t, dk_s = sums of de v (1 - g^2). */
    @Override
    public void backward(
            Sequences x, List<NativeFloats> parameters, Sequences dy, List<NativeFloats> gradients, Sequences dx) {
        slopes = Recurrence.grown(slopes, x.rows() * 2 * width);
        Sequences dqk = new Sequences(slopes, x.steps(), 2 * width, x.lengths());
        dqk.zero();
        float[] bias = Recurrence.all(parameters.get(1));
        float[] v = Recurrence.all(parameters.get(2));
        double[] dv = new double[width];
        double[][][] dm = new double[x.examples()][][];
        for (int n = 0; n < x.examples(); n++) {
            dm[n] = backward(x, n, bias, v, dy, dqk, dv);
        }
        gradients.get(2).write(0, floats(dv), 0, width);
        Sequences dq = dqk.part(0, width);
        Sequences dk = dqk.part(width, width);
        products.biasGradient(dq, gradients.get(1), 0);
        NativeFloats w = parameters.get(0);
        products.weightGradient(dq, attending.asking(x), gradients.get(0), 0);
        products.weightGradient(dk, attending.lookedAt(x), gradients.get(0), width);
        if (dx == null) {
            return;
        }
        products.projectBack(dq, w, attending.asking(dx));
        products.projectBack(dk, w, width, attending.lookedAt(dx), attending.crosses() ? 0 : 1);
        addMixed(dm, attending.lookedAt(dx));
        attending.clearTokens(dx);
    }

    /** @return dm of one example, as far as it is mixed */
    private double[][] backward(Sequences x, int n, float[] bias, float[] v, Sequences dy, Sequences dqk, double[] dv) {
        int length = x.lengths()[n];
        Sequences qk = new Sequences(projected, x.steps(), 2 * width, x.lengths());
        float[][] q = rows(qk.part(0, width), n);
        float[][] k = rows(qk.part(width, width), n);
        float[][] m = rows(attending.lookedAt(x), n);
        float[][] slope = rows(dy, n);
        double[][] dm = new double[length][width];
        double[][] dk = new double[length][width];
        float[] a = weights[n];
        float[] da = new float[length * length];
        float[] bent = new float[width];
        for (int t = 0; t < length; t++) {
            VectorLoops.add(q[t], bias, width);
            for (int s = 0; s < length; s++) {
                addScaled(dm[s], a[t * length + s], slope[t]);
                double product = 0;
                for (int j = 0; j < width; j++) {
                    product += slope[t][j] * m[s][j];
                }
                da[t * length + s] = (float) product;
            }
        }
        scores.slopes(a, da, length, 1);
        for (int t = 0; t < length; t++) {
            double[] dq = new double[width];
            for (int s = 0; s < length; s++) {
                float de = da[t * length + s];
                if (de != 0) {
                    bend(q[t], k[s], bent);
                    for (int j = 0; j < width; j++) {
                        dv[j] += de * bent[j];
                        double inner = de * v[j] * (1f - bent[j] * bent[j]);
                        dq[j] += inner;
                        dk[s][j] += inner;
                    }
                }
            }
            dqk.memory().write(dqk.row(t, n), floats(dq), 0, width);
        }
        for (int s = 0; s < length; s++) {
            dqk.memory().write(dqk.row(s, n) + width, floats(dk[s]), 0, width);
        }
        return dm;
    }

    private void addMixed(double[][][] dm, Sequences dx) {
        float[] values = new float[width];
        for (int n = 0; n < dm.length; n++) {
            for (int t = 0; t < dm[n].length; t++) {
                dx.memory().read(dx.row(t, n), values, 0, width);
                VectorLoops.add(values, floats(dm[n][t]), width);
                dx.memory().write(dx.row(t, n), values, 0, width);
            }
        }
    }
}
