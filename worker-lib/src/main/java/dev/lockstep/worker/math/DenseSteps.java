package dev.lockstep.worker.math;

import java.util.List;

/** y = f(x W + b) at every step: all steps are one product. Parameters: W {@code [units][inputs]}, b {@code [units]}. */
public final class DenseSteps implements SequenceKernel {
    private final Squash function;
    private final Recurrence products = new Recurrence(false);

    private Sequences y; // of the last forward pass
    private NativeFloats slopes; // dz, [steps, examples, units]

    public DenseSteps(Squash function) {
        this.function = function;
    }

    @Override
    public void forward(Sequences x, List<NativeFloats> parameters, Sequences out, boolean training) {
        float[] bias = Recurrence.all(parameters.get(1));
        int units = out.channels();
        float[] z = new float[x.examples() * units];
        products.project(x, parameters.get(0), out);
        for (int t = 0; t < x.steps(); t++) {
            out.read(t, z);
            Recurrence.addBias(z, bias);
            function.apply(z, 0, z.length);
            out.clearPadding(t, z);
            out.write(t, z);
        }
        y = training ? out : null;
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
        products.weightGradient(dz, x, gradients.get(0), 0);
        products.biasGradient(dz, gradients.get(1), 0);
        if (dx != null) {
            products.projectBack(dz, parameters.get(0), dx);
        }
        y = null;
    }
}
