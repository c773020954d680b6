package dev.lockstep.worker.math;

/**
 * Through which the gates of an LSTM see its cell, Gers, Schmidhuber 2000: z_f and z_i have p_f c_{t-1} and p_i c_{t-1} added to them,
 * z_o has p_o c_t. They lie behind the recurrent weights, in DL4J's order f, o, i: {@code [3][units]}. Gates lie in the order
 * a, f, o, i.
 */
final class Peepholes {
    private static final int GATES = 4;

    private final int units;
    private final float[] forget;
    private final float[] out;
    private final float[] in;
    private final double[] forgetSums;
    private final double[] outSums;
    private final double[] inSums;

    /** @param recurrent {@code [4 units + 3][units]} */
    Peepholes(NativeFloats recurrent, int units) {
        this.units = units;
        this.forget = row(recurrent, 0);
        this.out = row(recurrent, 1);
        this.in = row(recurrent, 2);
        this.forgetSums = new double[units];
        this.outSums = new double[units];
        this.inSums = new double[units];
    }

    private float[] row(NativeFloats recurrent, int which) {
        float[] row = new float[units];
        recurrent.read((GATES * units + which) * units, row, 0, units);
        return row;
    }

    /** z_f and z_i of one example, which lie from {@code at} on, see the cell as it was before the step. */
    void seeBefore(float[] gate, int at, float[] cell, int from) {
        int f = at + units;
        int i = at + 3 * units;
        for (int j = 0; j < units; j++) {
            gate[f + j] += forget[j] * cell[from + j];
            gate[i + j] += in[j] * cell[from + j];
        }
    }

    /** z_o of one example sees the cell as it is now. */
    void seeNow(float[] gate, int at, float[] cell, int from) {
        int o = at + 2 * units;
        for (int j = 0; j < units; j++) {
            gate[o + j] += out[j] * cell[from + j];
        }
    }

    /** dc = dc + dz_o p_o, before anything else comes to it. @param tanh of the cell as it is now */
    void backNow(float[] gate, int at, float[] dh, float[] tanh, float[] dc, int from) {
        int output = at + 2 * units;
        for (int j = 0; j < units; j++) {
            float o = gate[output + j];
            dc[from + j] += dh[from + j] * tanh[from + j] * o * (1f - o) * out[j];
        }
    }

    /** dc_{t-1} = dc_{t-1} + dz_f p_f + dz_i p_i; dp = the sums of dz c. @param gate holds dz by now */
    void backBefore(float[] gate, int at, float[] before, float[] now, float[] dc, int from) {
        int f = at + units;
        int o = at + 2 * units;
        int i = at + 3 * units;
        for (int j = 0; j < units; j++) {
            dc[from + j] += gate[f + j] * forget[j] + gate[i + j] * in[j];
            forgetSums[j] += (double) gate[f + j] * before[from + j];
            outSums[j] += (double) gate[o + j] * now[from + j];
            inSums[j] += (double) gate[i + j] * before[from + j];
        }
    }

    /** @param recurrent the gradient of the recurrent weights, whose last part this is */
    void writeGradient(NativeFloats recurrent) {
        float[] values = new float[3 * units];
        for (int j = 0; j < units; j++) {
            values[j] = (float) forgetSums[j];
            values[units + j] = (float) outSums[j];
            values[2 * units + j] = (float) inSums[j];
        }
        recurrent.write(GATES * units * units, values, 0, values.length);
    }
}
