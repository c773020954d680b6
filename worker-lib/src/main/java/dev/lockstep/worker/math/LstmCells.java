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
    private static final int A = 0;
    private static final int F = 1;
    private static final int O = 2;
    private static final int I = 3;

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
        int size = examples * units;
        Peepholes holes = peepholes ? new Peepholes(parameters.get(1), units) : null;
        Sequences z = allocate(x);
        Sequences c = new Sequences(cells, steps, units, x.lengths());
        Sequences tanh = new Sequences(squashed, steps, units, x.lengths());
        GateValues gate = new GateValues(GATES, units, examples);
        float[] cell = first == null ? new float[size] : first.clone();
        float[] bent = new float[size];
        gate.setBias(Recurrence.all(parameters.get(2)));
        recurrence.start(y, training);
        recurrence.project(x, parameters.get(0), z);
        for (int turn = 0; turn < steps; turn++) {
            int t = recurrence.step(turn, steps);
            if (recurrence.hasBefore(turn)) {
                Matrix before = recurrence.before(turn, y);
                recurrence.carry(before, units, parameters.get(1), 0, z.matrix(t), GATES * units, examples, 1);
            }
            gate.read(z, t);
            gate.addBias();
            step(gate, cell, holes);
            x.clearPadding(t, cell, units); // nothing goes on from here, whichever way time runs
            System.arraycopy(cell, 0, bent, 0, size);
            VectorLoops.tanh(bent, 0, size);
            if (training) {
                gate.write(z, t);
                c.write(t, cell);
                tanh.write(t, bent);
            }
            float[] out = gate.of(O); // has been written
            VectorLoops.multiply(out, bent, size); // h = o tanh c; 0 where c is
            y.write(t, out);
        }
        h = training ? y : null;
        ended = training && first != null ? both(recurrence.ended(y), c.lasts()) : null;
    }

    /** From z to the gates, and c = f c + i a. */
    private static void step(GateValues gate, float[] cell, Peepholes holes) {
        int size = cell.length;
        VectorLoops.tanh(gate.of(A), 0, size);
        if (holes != null) {
            holes.seeBefore(gate.of(F), gate.of(I), cell);
        }
        VectorLoops.sigmoid(gate.of(F), 0, size);
        VectorLoops.sigmoid(gate.of(I), 0, size);
        cells(gate.of(F), gate.of(I), gate.of(A), cell);
        if (holes != null) {
            holes.seeNow(gate.of(O), cell);
        }
        VectorLoops.sigmoid(gate.of(O), 0, size);
    }

    private Sequences allocate(Sequences x) {
        gates = Recurrence.grown(gates, x.rows() * GATES * units);
        cells = Recurrence.grown(cells, x.rows() * units);
        squashed = Recurrence.grown(squashed, x.rows() * units);
        carried = Recurrence.grown(carried, x.examples() * units);
        return new Sequences(gates, x.steps(), GATES * units, x.lengths());
    }

    private static void cells(float[] f, float[] i, float[] a, float[] cell) {
        for (int j = 0; j < cell.length; j++) {
            cell[j] = f[j] * cell[j] + i[j] * a[j];
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
        GateValues gate = new GateValues(GATES, units, examples);
        int size = examples * units;
        float[] dh = new float[size];
        float[] more = new float[size];
        float[] dc = new float[size];
        float[] bent = new float[size];
        float[] before = new float[size];
        float[] now = new float[peepholes ? size : 0];
        Peepholes holes = peepholes ? new Peepholes(parameters.get(1), units) : null;
        for (int turn = steps - 1; turn >= 0; turn--) {
            int t = recurrence.step(turn, steps);
            dy.read(t, dh);
            if (turn < steps - 1) {
                Matrix after = dz.matrix(recurrence.step(turn + 1, steps));
                recurrence.carryBack(
                        after, GATES * units, parameters.get(1), 0, Matrix.of(carried, 0, units), units, examples, 0);
                carried.read(0, more, 0, size);
                recurrence.applyMask(more);
                VectorLoops.add(dh, more, size);
            }
            gate.read(dz, t);
            tanh.read(t, bent);
            readBefore(turn, c, before);
            if (holes != null) {
                c.read(t, now);
                holes.backNow(gate.of(O), dh, bent, dc);
            }
            slopes(gate, dh, dc, bent, before);
            gate.clearPadding(x, t);
            x.clearPadding(t, dc, units);
            if (holes != null) {
                holes.backBefore(gate.of(F), gate.of(O), gate.of(I), before, now, dc, x, t);
            }
            gate.write(dz, t);
        }
        recurrence.gradients(x, h, dz, parameters, gradients, dx);
        if (holes != null) {
            holes.writeGradient(gradients.get(1));
        }
        h = null;
    }

    private void readBefore(int turn, Sequences c, float[] before) {
        if (turn > 0) {
            c.read(recurrence.step(turn - 1, c.steps()), before);
        } else if (first == null) {
            Arrays.fill(before, 0f);
        } else {
            System.arraycopy(first, 0, before, 0, before.length);
        }
    }

    /** Several short loops: of one long one the compiler makes no vector code. */
    private static void slopes(GateValues gate, float[] dh, float[] dc, float[] bent, float[] before) {
        cellSlopes(dc, dh, gate.of(O), bent);
        outSlopes(gate.of(O), dh, bent);
        inSlopes(gate.of(A), gate.of(I), dc);
        forgetSlopes(gate.of(F), dc, before);
    }

    private static void cellSlopes(float[] dc, float[] dh, float[] o, float[] bent) {
        for (int j = 0; j < dc.length; j++) {
            dc[j] = dh[j] * o[j] * (1f - bent[j] * bent[j]) + dc[j];
        }
    }

    private static void outSlopes(float[] o, float[] dh, float[] bent) {
        for (int j = 0; j < o.length; j++) {
            o[j] = dh[j] * bent[j] * o[j] * (1f - o[j]);
        }
    }

    private static void inSlopes(float[] as, float[] is, float[] dc) {
        for (int j = 0; j < as.length; j++) {
            float a = as[j];
            float i = is[j];
            as[j] = dc[j] * i * (1f - a * a);
            is[j] = dc[j] * a * i * (1f - i);
        }
    }

    private static void forgetSlopes(float[] fs, float[] dc, float[] before) {
        for (int j = 0; j < fs.length; j++) {
            float f = fs[j];
            float cell = dc[j];
            fs[j] = cell * before[j] * f * (1f - f);
            dc[j] = cell * f;
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
