package dev.lockstep.worker.math;

import dev.lockstep.worker.math.Matrices.Matrix;
import java.util.Arrays;
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
        Sequences g = new Sequences(gates, steps, GATES * units, x.lengths());
        Sequences q = new Sequences(inner, steps, units, x.lengths());
        float[] bias = Recurrence.all(parameters.get(2));
        float[] more = resetAfter ? Recurrence.all(parameters.get(3)) : new float[GATES * units];
        float[] gate = new float[examples * GATES * units];
        float[] product = new float[examples * GATES * units];
        float[] within = new float[examples * units];
        float[] state = new float[examples * units];
        recurrence.readBefore(0, y, state);
        recurrence.start(y, training);
        recurrence.project(x, parameters.get(0), g);
        for (int turn = 0; turn < steps; turn++) {
            int t = recurrence.step(turn, steps);
            g.read(t, gate);
            int outputs = resetAfter ? GATES * units : 2 * units;
            if (recurrence.hasBefore(turn)) {
                Matrix before = recurrence.before(turn, y);
                Matrix to = Matrix.of(products, 0, GATES * units);
                recurrence.carry(before, units, parameters.get(1), 0, to, outputs, examples, 0);
                products.read(0, product, 0, product.length);
            }
            for (int n = 0; n < examples; n++) {
                int at = n * GATES * units;
                resetAndUpdate(gate, product, bias, more, at);
                VectorLoops.sigmoid(gate, at, at + 2 * units);
                within(gate, product, more, at, state, within, n * units);
            }
            if (!resetAfter && recurrence.hasBefore(turn)) {
                recurrence.applyMask(within);
                q.write(t, within);
                Matrix to = Matrix.of(products, 2 * units, GATES * units);
                recurrence.carry(q.matrix(t), units, parameters.get(1), 2 * units, to, units, examples, 0);
                products.read(0, product, 0, product.length);
            }
            for (int n = 0; n < examples; n++) {
                int at = n * GATES * units;
                candidate(gate, product, bias, within, at, n * units);
                VectorLoops.tanh(gate, at + 2 * units, at + GATES * units);
                states(gate, at, state, n * units);
                if (x.isPadding(t, n)) {
                    Arrays.fill(state, n * units, (n + 1) * units, 0f);
                }
            }
            y.write(t, state);
            if (training) {
                g.write(t, gate);
                q.write(t, within);
            }
        }
        h = training ? y : null;
        passed(y, training);
    }

    private void resetAndUpdate(float[] gate, float[] product, float[] bias, float[] more, int at) {
        for (int j = 0; j < 2 * units; j++) {
            gate[at + j] += product[at + j] + (bias[j] + more[j]);
        }
    }

    /** What the reset is about: h R_n + s, or r h. */
    private void within(float[] gate, float[] product, float[] more, int at, float[] state, float[] within, int to) {
        int last = 2 * units;
        if (resetAfter) {
            for (int j = 0; j < units; j++) {
                within[to + j] = product[at + last + j] + more[last + j];
            }
        } else {
            for (int j = 0; j < units; j++) {
                within[to + j] = gate[at + j] * state[to + j];
            }
        }
    }

    private void candidate(float[] gate, float[] product, float[] bias, float[] within, int at, int from) {
        int last = 2 * units;
        if (resetAfter) {
            for (int j = 0; j < units; j++) {
                gate[at + last + j] += bias[last + j] + gate[at + j] * within[from + j];
            }
        } else {
            for (int j = 0; j < units; j++) {
                gate[at + last + j] += bias[last + j] + product[at + last + j];
            }
        }
    }

    /** h = n + z (h - n). */
    private void states(float[] gate, int at, float[] state, int to) {
        int update = at + units;
        int last = at + 2 * units;
        for (int j = 0; j < units; j++) {
            state[to + j] = gate[last + j] + gate[update + j] * (state[to + j] - gate[last + j]);
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
        float[] gate = new float[examples * GATES * units];
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
            g.read(t, gate);
            q.read(t, within);
            recurrence.readBefore(turn, h, before);
            for (int n = 0; n < examples; n++) {
                updateAndCandidate(gate, n * GATES * units, dh, before, kept, n * units);
            }
            if (resetAfter) {
                for (int n = 0; n < examples; n++) {
                    resetAfter(gate, n * GATES * units, within, n * units);
                }
            } else {
                resetBefore(g, t, gate, r, before, kept);
            }
            for (int n = 0; n < examples; n++) {
                if (x.isPadding(t, n)) {
                    Arrays.fill(gate, n * GATES * units, (n + 1) * GATES * units, 0f);
                    Arrays.fill(within, n * units, (n + 1) * units, 0f);
                    Arrays.fill(kept, n * units, (n + 1) * units, 0f);
                }
            }
            g.write(t, gate);
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

    private void updateAndCandidate(float[] gate, int at, float[] dh, float[] before, float[] kept, int from) {
        int update = at + units;
        int last = at + 2 * units;
        for (int j = 0; j < units; j++) {
            float z = gate[update + j];
            float n = gate[last + j];
            float slope = dh[from + j];
            gate[update + j] = slope * (before[from + j] - n) * z * (1f - z);
            gate[last + j] = slope * (1f - z) * (1f - n * n);
            kept[from + j] = slope * z;
        }
    }

    /** dr = dn q r (1 - r), dq = dn r. */
    private void resetAfter(float[] gate, int at, float[] within, int from) {
        int last = at + 2 * units;
        for (int j = 0; j < units; j++) {
            float r = gate[at + j];
            float candidate = gate[last + j];
            gate[at + j] = candidate * within[from + j] * r * (1f - r);
            within[from + j] = candidate * r;
        }
    }

    /** With e = dn R_n': dr = e h_{t-1} r (1 - r), and h_{t-1} gets e r. */
    private void resetBefore(Sequences g, int t, float[] gate, NativeFloats weights, float[] before, float[] kept) {
        int examples = g.examples();
        g.write(t, gate);
        recurrence.carryBack(
                g.part(2 * units, units).matrix(t),
                units,
                weights,
                2 * units,
                Matrix.of(reset, 0, units),
                units,
                examples,
                0);
        float[] through = new float[examples * units];
        reset.read(0, through, 0, through.length);
        recurrence.applyMask(through);
        for (int n = 0; n < examples; n++) {
            int at = n * GATES * units;
            int from = n * units;
            for (int j = 0; j < units; j++) {
                float r = gate[at + j];
                gate[at + j] = through[from + j] * before[from + j] * r * (1f - r);
                kept[from + j] += through[from + j] * r;
            }
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
