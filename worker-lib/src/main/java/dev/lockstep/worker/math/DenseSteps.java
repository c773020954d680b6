package dev.lockstep.worker.math;

import java.util.List;

/**
 * y_t = f(sum over k of x_{t + s_k} W_k + b), with a few shifts s in time: of 0 alone a dense layer at every step, of more a
 * convolution. Beside a sequence's ends x is 0. All steps are one product for each shift. Parameters: W {@code
 * [shifts][units][inputs]}, b {@code [units]}.
 */
public final class DenseSteps implements SequenceKernel {
    private static final int TILE = 4096; // values: 16 KB

    private final Squash function;
    private final int[] shifts;
    private final boolean pointwise; // one product writes all that comes out, and no step reads another
    private final Recurrence products = new Recurrence(false);

    private Sequences y; // of the last forward pass
    private NativeFloats clean; // x without what is behind the ends, [steps, examples, inputs]
    private Sequences read; // what forward read, of it or of x

    /** A dense layer at every step. */
    public DenseSteps(Squash function) {
        this(function, new int[] {0});
    }

    /** @param shifts at least one; below 0 to what was before */
    public DenseSteps(Squash function, int[] shifts) {
        this.function = function;
        this.shifts = shifts.clone();
        this.pointwise = shifts.length == 1 && shifts[0] == 0;
    }

    private interface Tap {
        /** @param index of the shift */
        void compute(int index, Sequences x, Sequences y);
    }

    /** The steps of x and y that a shift brings together, where there are some. */
    private void forEachTap(Sequences x, Sequences of, Tap work) {
        for (int k = 0; k < shifts.length; k++) {
            int from = Math.max(0, -shifts[k]);
            int to = Math.min(x.steps(), x.steps() - shifts[k]);
            if (from < to) {
                work.compute(k, x.between(from + shifts[k], to + shifts[k]), of.between(from, to));
            }
        }
    }

    /** How many vectors are worked on at a time: what stays in the first cache. */
    private static int tile(Sequences of) {
        return Math.max(1, TILE / of.channels());
    }

    /** What a shift may read: 0 behind the ends. */
    private Sequences inside(Sequences x) {
        if (pointwise || x.isFull()) {
            return x;
        }
        clean = Recurrence.grown(clean, x.rows() * x.channels());
        Sequences copy = new Sequences(clean, x.steps(), x.channels(), x.lengths());
        x.copyInside(copy);
        return copy;
    }

    @Override
    public void forward(Sequences x, List<NativeFloats> parameters, Sequences out, boolean training) {
        int units = out.channels();
        float beta = start(out);
        Sequences readable = inside(x);
        forEachTap(readable, out, (k, in, part) -> products.project(in, parameters.get(0), k * units, part, beta));
        int vectors = tile(out);
        float[] bias = Recurrence.repeated(parameters.get(1), vectors);
        float[] z = new float[bias.length];
        for (int row = 0; row < out.rows(); row += vectors) {
            int count = out.readRows(row, z) * units;
            VectorLoops.add(z, bias, count);
            function.apply(z, 0, count);
            out.clearRows(row, z);
            out.writeRows(row, z);
        }
        read = training ? readable : null;
        y = training ? out : null;
    }

    /** What is to be added up begins with nothing: 0 where one product writes all of it, else zeros and 1. */
    private float start(Sequences sum) {
        if (pointwise) {
            return 0;
        }
        sum.zero();
        return 1;
    }

    /** dz = dy f', in place of dy. */
    private Sequences slopes(Sequences dy) {
        if (function == Squash.IDENTITY && dy.isFull()) {
            return dy;
        }
        int vectors = tile(dy);
        float[] slope = new float[vectors * dy.channels()];
        float[] output = new float[slope.length];
        for (int row = 0; row < dy.rows(); row += vectors) {
            int count = dy.readRows(row, slope) * dy.channels();
            y.readRows(row, output);
            function.slope(slope, output, count);
            dy.clearRows(row, slope);
            dy.writeRows(row, slope);
        }
        return dy;
    }

    /** dz = dy f'; dW = sum of x dz, db = sum of dz, dx = dz W'. */
    @Override
    public void backward(
            Sequences x, List<NativeFloats> parameters, Sequences dy, List<NativeFloats> gradients, Sequences dx) {
        int units = dy.channels();
        Sequences dz = slopes(dy);
        NativeFloats gradient = gradients.get(0);
        if (!pointwise) {
            gradient.zero(0, gradient.length()); // of shifts that bring nothing together
        }
        forEachTap(read, dz, (k, in, part) -> products.weightGradient(part, in, gradient, k * units));
        products.biasGradient(dz, gradients.get(1), 0);
        if (dx != null) {
            float beta = start(dx);
            forEachTap(dx, dz, (k, in, part) -> products.projectBack(part, parameters.get(0), k * units, in, beta));
            if (!pointwise) {
                dx.zeroPadding(); // a shift may lead behind an end
            }
        }
        read = null;
        y = null;
    }
}
