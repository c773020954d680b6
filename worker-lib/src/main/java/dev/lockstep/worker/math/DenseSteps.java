package dev.lockstep.worker.math;

import java.util.List;

/**
 * y_t = f(sum over k of x_{t + s_k} W_k + b), with a few shifts s in time: of 0 alone a dense layer at every step, of more a
 * convolution. Beside a sequence's ends x is 0. All steps are one product for each shift. Parameters: W {@code
 * [shifts][units][inputs]}, b {@code [units]}.
 */
public final class DenseSteps implements SequenceKernel {
    private final Squash function;
    private final int[] shifts;
    private final boolean pointwise; // one product writes all that comes out, and no step reads another
    private final Recurrence products = new Recurrence(false);

    private Sequences y; // of the last forward pass
    private NativeFloats slopes; // dz, [steps, examples, units]
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
        float[] bias = Recurrence.repeated(parameters.get(1), x.examples());
        int units = out.channels();
        float[] z = new float[x.examples() * units];
        float beta = start(out);
        Sequences readable = inside(x);
        forEachTap(readable, out, (k, in, part) -> products.project(in, parameters.get(0), k * units, part, beta));
        for (int t = 0; t < x.steps(); t++) {
            out.read(t, z);
            VectorLoops.add(z, bias, z.length);
            function.apply(z, 0, z.length);
            out.clearPadding(t, z);
            out.write(t, z);
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

    /** dz = dy f'; dW = sum of x dz, db = sum of dz, dx = dz W'. */
    @Override
    public void backward(
            Sequences x, List<NativeFloats> parameters, Sequences dy, List<NativeFloats> gradients, Sequences dx) {
        int units = dy.channels();
        slopes = Recurrence.grown(slopes, x.rows() * units);
        Sequences dz = new Sequences(slopes, x.steps(), units, x.lengths());
        float[] slope = new float[x.examples() * units];
        float[] output = new float[slope.length];
        for (int t = 0; t < x.steps(); t++) {
            dy.read(t, slope);
            y.read(t, output);
            function.slope(slope, output, slope.length);
            dy.clearPadding(t, slope);
            dz.write(t, slope);
        }
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
