package dev.lockstep.worker.math;

import dev.lockstep.worker.math.Matrices.Matrix;
import java.util.List;

/**
 * Cho et al. 2014: r, z = sigmoid of x_t W + h_{t-1} R + b, h_t = (1 - z) n + z h_{t-1}, h_0 = 0; the output is h. The candidate n
 * is tanh(x_t W_n + b_n + r (h_{t-1} R_n + s)) where the reset comes after the product (as in PyTorch, and in Keras by default),
 * and tanh(x_t W_n + b_n + (r h_{t-1}) R_n) where it comes before (the paper's form). Some texts call 1 - z what is z here: the
 * same cell. Parameters, outputs in PyTorch's order r, z, n (Keras has z, r, n): W {@code [3 units][inputs]}, R
 * {@code [3 units][units]}, b {@code [3 units]}, and with the reset after the product s {@code [3 units]}, added to h R.
 */
public final class GruCells extends HiddenCells {
    private static final int GATES = 3;
    private static final int R = 0;
    private static final int Z = 1;
    private static final int N = 2;

    private final boolean resetAfter;

    private NativeFloats gates; // [steps, examples, 3 units]: x W, then r z n, then their slopes
    private NativeFloats inner; // [steps, examples, units]: after: h R_n + s, then its slope; before: r h
    private NativeFloats products; // h R of a step, [examples, 3 units]
    private NativeFloats carried; // dh of a step from the one after, [examples, units]
    private NativeFloats reset; // before: d(r h), [examples, units]
    private Sequences h; // of the last forward pass

    /**
     * @param resetAfter whether the reset comes after the product
     * @param backward whether time runs from the last step to the first
     */
    public GruCells(int units, boolean resetAfter, boolean backward) {
        super(units, backward);
        this.resetAfter = resetAfter;
    }

    @Override
    public void forward(Sequences x, List<NativeFloats> parameters, Sequences y, boolean training) {
        int steps = x.steps();
        int examples = x.examples();
        gates = Recurrence.grown(gates, x.rows() * GATES * units);
        inner = Recurrence.grown(inner, x.rows() * units);
        products = Recurrence.grown(products, examples * GATES * units);
        carried = Recurrence.grown(carried, examples * units);
        reset = Recurrence.grown(reset, examples * units);
        int size = examples * units;
        Sequences g = new Sequences(gates, steps, GATES * units, x.lengths());
        Sequences q = new Sequences(inner, steps, units, x.lengths());
        Sequences p = new Sequences(products, 1, GATES * units, Sequences.full(1, examples));
        GateValues gate = new GateValues(GATES, units, examples);
        GateValues product = new GateValues(GATES, units, examples);
        setBiases(parameters, gate, product);
        float[] within = new float[size];
        float[] state = new float[size];
        recurrence.readBefore(0, y, state);
        recurrence.start(y, training);
        recurrence.project(x, parameters.get(0), g);
        for (int turn = 0; turn < steps; turn++) {
            int t = recurrence.step(turn, steps);
            gate.read(g, t);
            if (recurrence.hasBefore(turn)) {
                Matrix before = recurrence.before(turn, y);
                int outputs = resetAfter ? GATES * units : 2 * units;
                recurrence.carry(before, units, parameters.get(1), 0, p.matrix(), outputs, examples, 0);
                product.read(p, 0);
            }
            for (int k = R; k <= Z; k++) {
                addBoth(gate.of(k), product.of(k), gate.biasOf(k));
                VectorLoops.sigmoid(gate.of(k), 0, size);
            }
            within(gate.of(R), product, state, within);
            if (!resetAfter && recurrence.hasBefore(turn)) {
                recurrence.applyMask(within);
                q.write(t, within);
                Matrix to = p.part(2 * units, units).matrix();
                recurrence.carry(q.matrix(t), units, parameters.get(1), 2 * units, to, units, examples, 0);
                product.read(p, 0);
            }
            if (resetAfter) {
                addProducts(gate.of(N), gate.biasOf(N), gate.of(R), within);
            } else {
                addBoth(gate.of(N), gate.biasOf(N), product.of(N));
            }
            VectorLoops.tanh(gate.of(N), 0, size);
            states(gate.of(Z), gate.of(N), state);
            x.clearPadding(t, state, units);
            y.write(t, state);
            if (training) {
                gate.write(g, t);
                q.write(t, within);
            }
        }
        h = training ? y : null;
        passed(y, training);
    }

    /** To each gate what is added to its sum, to the product what belongs to it alone. */
    private void setBiases(List<NativeFloats> parameters, GateValues gate, GateValues product) {
        float[] bias = Recurrence.all(parameters.get(2));
        float[] more = resetAfter ? Recurrence.all(parameters.get(3)) : new float[GATES * units];
        VectorLoops.add(bias, more, 2 * units);
        gate.setBias(bias);
        product.setBias(more);
    }

    /** x = x + (y + z). */
    private static void addBoth(float[] x, float[] y, float[] z) {
        for (int j = 0; j < x.length; j++) {
            x[j] += y[j] + z[j];
        }
    }

    /** x = x + (y + a b). */
    private static void addProducts(float[] x, float[] y, float[] a, float[] b) {
        for (int j = 0; j < x.length; j++) {
            x[j] += y[j] + a[j] * b[j];
        }
    }

    /** What the reset is about: h R_n + s, or r h. */
    private void within(float[] r, GateValues product, float[] state, float[] within) {
        System.arraycopy(resetAfter ? product.of(N) : r, 0, within, 0, within.length);
        if (resetAfter) {
            VectorLoops.add(within, product.biasOf(N), within.length);
        } else {
            VectorLoops.multiply(within, state, within.length);
        }
    }

    /** h = n + z (h - n). */
    private static void states(float[] z, float[] n, float[] state) {
        for (int j = 0; j < state.length; j++) {
            state[j] = n[j] + z[j] * (state[j] - n[j]);
        }
    }

    /**
     * With dh of the step: dn = dh (1 - z) (1 - n^2), dz = dh (h_{t-1} - n) z (1 - z); dr = (what dn is to the reset) r (1 - r); and
     * dh_{t-1} = dh z + what comes through the products.
     */
    @Override
    public void backward(
            Sequences x, List<NativeFloats> parameters, Sequences dy, List<NativeFloats> gradients, Sequences dx) {
        int steps = x.steps();
        int examples = x.examples();
        Sequences g = new Sequences(gates, steps, GATES * units, x.lengths());
        Sequences q = new Sequences(inner, steps, units, x.lengths());
        NativeFloats r = parameters.get(1);
        GateValues gate = new GateValues(GATES, units, examples);
        float[] within = new float[examples * units];
        float[] before = new float[examples * units];
        float[] dh = new float[examples * units];
        float[] kept = new float[examples * units]; // dh z, of the step after
        float[] more = new float[examples * units];
        Matrix back = Matrix.of(carried, 0, units);
        for (int turn = steps - 1; turn >= 0; turn--) {
            int t = recurrence.step(turn, steps);
            dy.read(t, dh);
            if (turn < steps - 1) {
                carried.read(0, more, 0, more.length);
                recurrence.applyMask(more);
                VectorLoops.add(dh, more, dh.length);
                VectorLoops.add(dh, kept, dh.length);
            }
            gate.read(g, t);
            q.read(t, within);
            recurrence.readBefore(turn, h, before);
            System.arraycopy(gate.of(Z), 0, kept, 0, kept.length);
            VectorLoops.multiply(kept, dh, kept.length);
            updateAndCandidate(gate.of(Z), gate.of(N), dh, before);
            if (resetAfter) {
                resetAfter(gate.of(R), gate.of(N), within);
            } else {
                resetBefore(g, t, gate, r, before, kept);
            }
            gate.clearPadding(x, t);
            x.clearPadding(t, within, units);
            x.clearPadding(t, kept, units);
            gate.write(g, t);
            q.write(t, within);
            if (turn > 0) {
                recurrence.carryBack(g.matrix(t), 2 * units, r, 0, back, units, examples, 0);
                if (resetAfter) {
                    recurrence.carryBack(q.matrix(t), units, r, 2 * units, back, units, examples, 1);
                }
            }
        }
        parameterGradients(x, g, q, gradients);
        if (dx != null) {
            recurrence.projectBack(g, parameters.get(0), dx);
        }
        h = null;
    }

    private static void updateAndCandidate(float[] zs, float[] ns, float[] dh, float[] before) {
        for (int j = 0; j < zs.length; j++) {
            float z = zs[j];
            float n = ns[j];
            zs[j] = dh[j] * (before[j] - n) * z * (1f - z);
            ns[j] = dh[j] * (1f - z) * (1f - n * n);
        }
    }

    /** dr = dn q r (1 - r), dq = dn r. */
    private static void resetAfter(float[] rs, float[] dn, float[] within) {
        for (int j = 0; j < rs.length; j++) {
            float r = rs[j];
            rs[j] = dn[j] * within[j] * r * (1f - r);
            within[j] = dn[j] * r;
        }
    }

    /** With e = dn R_n': dr = e h_{t-1} r (1 - r), and h_{t-1} gets e r. */
    private void resetBefore(Sequences g, int t, GateValues gate, NativeFloats weights, float[] before, float[] kept) {
        Sequences dn = g.part(2 * units, units);
        dn.write(t, gate.of(N));
        Matrix to = Matrix.of(reset, 0, units);
        recurrence.carryBack(dn.matrix(t), units, weights, 2 * units, to, units, g.examples(), 0);
        float[] through = new float[kept.length];
        reset.read(0, through, 0, through.length);
        recurrence.applyMask(through);
        float[] rs = gate.of(R);
        for (int j = 0; j < rs.length; j++) {
            float r = rs[j];
            rs[j] = through[j] * before[j] * r * (1f - r);
            kept[j] += through[j] * r;
        }
    }

    private void parameterGradients(Sequences x, Sequences g, Sequences q, List<NativeFloats> gradients) {
        recurrence.weightGradient(g, x, gradients.get(0), 0);
        recurrence.recurrentGradient(g.part(0, 2 * units), h, gradients.get(1), 0);
        recurrence.biasGradient(g, gradients.get(2), 0);
        if (resetAfter) {
            recurrence.recurrentGradient(q, h, gradients.get(1), 2 * units);
            recurrence.biasGradient(g.part(0, 2 * units), gradients.get(3), 0);
            recurrence.biasGradient(q, gradients.get(3), 2 * units);
        } else {
            recurrence.weightGradient(g.part(2 * units, units), q, gradients.get(1), 2 * units);
        }
    }
}
