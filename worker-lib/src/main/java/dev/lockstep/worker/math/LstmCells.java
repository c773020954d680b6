package dev.lockstep.worker.math;

import dev.lockstep.worker.math.Matrices.Matrix;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleSupplier;

/**
 * Hochreiter, Schmidhuber 1997, with the forget gate of Gers, Schmidhuber, Cummins 2000: with z = x_t W + h_{t-1} R + b in four
 * parts, a = tanh z_a, f, o, i = sigmoid z_f, z_o, z_i; c_t = f c_{t-1} + i a, h_t = o tanh c_t; h_0 = c_0 = 0; the output is h.
 * Parameters, whose outputs are in DL4J's order a, f, o, i (PyTorch has i, f, a, o, and two biases to be added; Keras i, f, a, o
 * with W and R transposed): W {@code [4 units][inputs]}, R {@code [4 units][units]}, b {@code [4 units]}; {@link Peepholes} lie behind R.
 */
public final class LstmCells implements Carrying, Dropping {
    private static final int GATES = 4;

    private final int units;
    private final Recurrence recurrence;
    private final boolean peepholes;

    private NativeFloats gates; // [steps, examples, 4 units]: z, then a f o i, then dz
    private NativeFloats cells; // c, [steps, examples, units]
    private NativeFloats squashed; // tanh c, [steps, examples, units]
    private NativeFloats carried; // dh from the step after, [examples, units]
    private Sequences h; // of the last forward pass
    private float[] ended; // its last steps: h, then c
    private float[] first; // the cells before the first step, [examples][units]; null where they are 0

    /** @param backward whether time runs from the last step to the first */
    public LstmCells(int units, boolean backward) {
        this(units, backward, false);
    }

    /** @param peepholes whether the gates see the cell */
    public LstmCells(int units, boolean backward, boolean peepholes) {
        this.units = units;
        this.peepholes = peepholes;
        this.recurrence = new Recurrence(backward);
    }

    @Override
    public void forward(Sequences x, List<NativeFloats> parameters, Sequences y, boolean training) {
        int steps = x.steps();
        int examples = x.examples();
        float[] bias = Recurrence.all(parameters.get(2));
        Peepholes holes = peepholes ? new Peepholes(parameters.get(1), units) : null;
        Sequences z = allocate(x);
        Sequences c = new Sequences(cells, steps, units, x.lengths());
        Sequences tanh = new Sequences(squashed, steps, units, x.lengths());
        float[] gate = new float[examples * GATES * units];
        float[] cell = first == null ? new float[examples * units] : first.clone();
        float[] bent = new float[examples * units];
        float[] out = new float[examples * units];
        recurrence.start(y, training);
        recurrence.project(x, parameters.get(0), z);
        for (int turn = 0; turn < steps; turn++) {
            int t = recurrence.step(turn, steps);
            if (recurrence.hasBefore(turn)) {
                Matrix before = recurrence.before(turn, y);
                recurrence.carry(before, units, parameters.get(1), 0, z.matrix(t), GATES * units, examples, 1);
            }
            z.read(t, gate);
            Recurrence.addBias(gate, bias);
            for (int n = 0; n < examples; n++) {
                int at = n * GATES * units;
                VectorLoops.tanh(gate, at, at + units);
                if (holes == null) {
                    VectorLoops.sigmoid(gate, at + units, at + GATES * units);
                    cells(gate, at, cell, n * units);
                } else {
                    holes.seeBefore(gate, at, cell, n * units);
                    VectorLoops.sigmoid(gate, at + units, at + 2 * units);
                    VectorLoops.sigmoid(gate, at + 3 * units, at + GATES * units);
                    cells(gate, at, cell, n * units);
                    holes.seeNow(gate, at, cell, n * units);
                    VectorLoops.sigmoid(gate, at + 2 * units, at + 3 * units);
                }
                if (x.isPadding(t, n)) { // nothing goes on from here, whichever way time runs
                    Arrays.fill(cell, n * units, (n + 1) * units, 0f);
                }
            }
            System.arraycopy(cell, 0, bent, 0, cell.length);
            VectorLoops.tanh(bent, 0, bent.length);
            for (int n = 0; n < examples; n++) {
                outputs(gate, n * GATES * units, bent, out, n * units);
            }
            y.write(t, out);
            if (training) {
                z.write(t, gate);
                c.write(t, cell);
                tanh.write(t, bent);
            }
        }
        h = training ? y : null;
        ended = training && first != null ? both(recurrence.ended(y), c.lasts()) : null;
    }

    private Sequences allocate(Sequences x) {
        gates = Recurrence.grown(gates, x.rows() * GATES * units);
        cells = Recurrence.grown(cells, x.rows() * units);
        squashed = Recurrence.grown(squashed, x.rows() * units);
        carried = Recurrence.grown(carried, x.examples() * units);
        return new Sequences(gates, x.steps(), GATES * units, x.lengths());
    }

    /** c = f c + i a. */
    private void cells(float[] gate, int at, float[] cell, int to) {
        int f = at + units;
        int i = at + 3 * units;
        for (int j = 0; j < units; j++) {
            cell[to + j] = gate[f + j] * cell[to + j] + gate[i + j] * gate[at + j];
        }
    }

    /** h = o tanh c; 0 where c is. */
    private void outputs(float[] gate, int at, float[] bent, float[] out, int to) {
        int o = at + 2 * units;
        for (int j = 0; j < units; j++) {
            out[to + j] = gate[o + j] * bent[to + j];
        }
    }

    /**
     * dh = dy_t + dz_{t+1} R', dc = dh o (1 - tanh^2 c) + dc_{t+1} f_{t+1}; dz_a = dc i (1 - a^2), dz_f = dc c_{t-1} f (1 - f),
     * dz_o = dh tanh c o (1 - o), dz_i = dc a i (1 - i).
     */
    @Override
    public void backward(
            Sequences x, List<NativeFloats> parameters, Sequences dy, List<NativeFloats> gradients, Sequences dx) {
        int steps = x.steps();
        int examples = x.examples();
        Sequences dz = new Sequences(gates, steps, GATES * units, x.lengths());
        Sequences c = new Sequences(cells, steps, units, x.lengths());
        Sequences tanh = new Sequences(squashed, steps, units, x.lengths());
        float[] gate = new float[examples * GATES * units];
        float[] dh = new float[examples * units];
        float[] more = new float[examples * units];
        float[] dc = new float[examples * units];
        float[] bent = new float[examples * units];
        float[] before = new float[examples * units];
        float[] now = new float[peepholes ? examples * units : 0];
        Peepholes holes = peepholes ? new Peepholes(parameters.get(1), units) : null;
        for (int turn = steps - 1; turn >= 0; turn--) {
            int t = recurrence.step(turn, steps);
            dy.read(t, dh);
            if (turn < steps - 1) {
                Matrix after = dz.matrix(recurrence.step(turn + 1, steps));
                recurrence.carryBack(
                        after, GATES * units, parameters.get(1), 0, Matrix.of(carried, 0, units), units, examples, 0);
                carried.read(0, more, 0, more.length);
                recurrence.applyMask(more);
                VectorLoops.add(dh, more, dh.length);
            }
            dz.read(t, gate);
            tanh.read(t, bent);
            if (turn > 0) {
                c.read(recurrence.step(turn - 1, steps), before);
            } else if (first == null) {
                Arrays.fill(before, 0f);
            } else {
                System.arraycopy(first, 0, before, 0, before.length);
            }
            if (holes != null) {
                c.read(t, now);
            }
            for (int n = 0; n < examples; n++) {
                int at = n * GATES * units;
                if (x.isPadding(t, n)) {
                    Arrays.fill(gate, at, at + GATES * units, 0f);
                    Arrays.fill(dc, n * units, (n + 1) * units, 0f);
                } else if (holes == null) {
                    slopes(gate, at, dh, dc, bent, before, n * units);
                } else {
                    holes.backNow(gate, at, dh, bent, dc, n * units);
                    slopes(gate, at, dh, dc, bent, before, n * units);
                    holes.backBefore(gate, at, before, now, dc, n * units);
                }
            }
            dz.write(t, gate);
        }
        recurrence.gradients(x, h, dz, parameters, gradients, dx);
        if (holes != null) {
            holes.writeGradient(gradients.get(1));
        }
        h = null;
    }

    private void slopes(float[] gate, int at, float[] dh, float[] dc, float[] bent, float[] before, int from) {
        int forget = at + units;
        int out = at + 2 * units;
        int in = at + 3 * units;
        for (int j = 0; j < units; j++) {
            float a = gate[at + j];
            float f = gate[forget + j];
            float o = gate[out + j];
            float i = gate[in + j];
            float tanh = bent[from + j];
            float slope = dh[from + j];
            float cell = slope * o * (1f - tanh * tanh) + dc[from + j];
            gate[at + j] = cell * i * (1f - a * a);
            gate[forget + j] = cell * before[from + j] * f * (1f - f);
            gate[out + j] = slope * tanh * o * (1f - o);
            gate[in + j] = cell * a * i * (1f - i);
            dc[from + j] = cell * f;
        }
    }

    @Override
    public void drop(double ratio, DoubleSupplier random) {
        recurrence.drop(ratio, random);
    }

    /** h, then c. */
    @Override
    public int stateLength() {
        return 2 * units;
    }

    @Override
    public void begin(float[] state) {
        first = state == null ? null : half(state, 1);
        recurrence.beginWith(state == null ? null : half(state, 0));
    }

    @Override
    public float[] end() {
        return ended;
    }

    private float[] both(float[] hs, float[] cs) {
        float[] state = new float[2 * hs.length];
        for (int from = 0; from < hs.length; from += units) {
            System.arraycopy(hs, from, state, 2 * from, units);
            System.arraycopy(cs, from, state, 2 * from + units, units);
        }
        return state;
    }

    private float[] half(float[] state, int which) {
        float[] half = new float[state.length / 2];
        for (int from = 0; from < half.length; from += units) {
            System.arraycopy(state, 2 * from + which * units, half, from, units);
        }
        return half;
    }
}
