package dev.lockstep.worker.math;

/**
 * Through which the gates of an LSTM see its cell, Gers, Schmidhuber 2000: z_f and z_i have p_f c_{t-1} and p_i c_{t-1} added to them,
 * z_o has p_o c_t. They lie behind the recurrent weights, in DL4J's order f, o, i: {@code [3][units]}.
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

    /** z_f and z_i of all examples, {@code [examples][units]}, see the cell as it was before the step. */
    void seeBefore(float[] f, float[] i, float[] cell) {
        for (int at = 0; at < cell.length; at += units) {
            for (int j = 0; j < units; j++) {
                f[at + j] += forget[j] * cell[at + j];
                i[at + j] += in[j] * cell[at + j];
            }
        }
    }

    /** z_o of all examples sees the cell as it is now. */
    void seeNow(float[] o, float[] cell) {
        for (int at = 0; at < cell.length; at += units) {
            for (int j = 0; j < units; j++) {
                o[at + j] += out[j] * cell[at + j];
            }
        }
    }

    /** dc = dc + dz_o p_o, before anything else comes to it. @param tanh of the cell as it is now */
    void backNow(float[] os, float[] dh, float[] tanh, float[] dc) {
        for (int at = 0; at < dc.length; at += units) {
            for (int j = 0; j < units; j++) {
                float o = os[at + j];
                dc[at + j] += dh[at + j] * tanh[at + j] * o * (1f - o) * out[j];
            }
        }
    }

    /**
     * dc_{t-1} = dc_{t-1} + dz_f p_f + dz_i p_i; dp = the sums of dz c.
     *
     * @param of whose examples may have ended before the step
     */
    void backBefore(
            float[] dzf, float[] dzo, float[] dzi, float[] before, float[] now, float[] dc, Sequences of, int step) {
        for (int n = 0; n < of.examples(); n++) {
            if (of.isPadding(step, n)) {
                continue;
            }
            int at = n * units;
            for (int j = 0; j < units; j++) {
                dc[at + j] += dzf[at + j] * forget[j] + dzi[at + j] * in[j];
                forgetSums[j] += (double) dzf[at + j] * before[at + j];
                outSums[j] += (double) dzo[at + j] * now[at + j];
                inSums[j] += (double) dzi[at + j] * before[at + j];
            }
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
