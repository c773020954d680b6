package dev.lockstep.worker.math;

import dev.lockstep.worker.math.Matrices.Matrix;
import java.util.List;

/**
 * Elman 1990: h_t = f(x_t W + h_{t-1} R + b), h_0 = 0; the output is h. Parameters: W {@code [units][inputs]}, R
 * {@code [units][units]}, b {@code [units]}. The products of all inputs are one, as are those of the weights' gradients.
 */
public final class RnnCells extends HiddenCells {
    private final Squash function;

    private Sequences h; // of the last forward pass
    private NativeFloats slopes; // dz, [steps, examples, units]
    private NativeFloats carried; // dh from the step after, [examples, units]

    /** @param backward whether time runs from the last step to the first */
    public RnnCells(int units, Squash function, boolean backward) {
        super(units, backward);
        this.function = function;
    }

    @Override
    public void forward(Sequences x, List<NativeFloats> parameters, Sequences y, boolean training) {
        int examples = x.examples();
        float[] bias = Recurrence.repeated(parameters.get(2), examples);
        float[] z = new float[examples * units];
        recurrence.start(y, training);
        recurrence.project(x, parameters.get(0), y);
        for (int turn = 0; turn < x.steps(); turn++) {
            int t = recurrence.step(turn, x.steps());
            if (recurrence.hasBefore(turn)) {
                Matrix before = recurrence.before(turn, y);
                recurrence.carry(before, units, parameters.get(1), 0, y.matrix(t), units, examples, 1);
            }
            y.read(t, z);
            VectorLoops.add(z, bias, z.length);
            function.apply(z, 0, z.length);
            y.clearPadding(t, z);
            y.write(t, z);
        }
        h = training ? y : null;
        passed(y, training);
    }

    /** dz_t = (dy_t + dz_{t+1} R') f'; dW = sum of x dz, dR = sum of h_{t-1} dz, db = sum of dz, dx = dz W'. */
    @Override
    public void backward(
            Sequences x, List<NativeFloats> parameters, Sequences dy, List<NativeFloats> gradients, Sequences dx) {
        int examples = x.examples();
        slopes = Recurrence.grown(slopes, x.rows() * units);
        carried = Recurrence.grown(carried, examples * units);
        Sequences dz = new Sequences(slopes, x.steps(), units, x.lengths());
        float[] slope = new float[examples * units];
        float[] more = new float[examples * units];
        float[] output = new float[examples * units];
        for (int turn = x.steps() - 1; turn >= 0; turn--) {
            int t = recurrence.step(turn, x.steps());
            dy.read(t, slope);
            if (turn < x.steps() - 1) {
                Matrix after = dz.matrix(recurrence.step(turn + 1, x.steps()));
                recurrence.carryBack(
                        after, units, parameters.get(1), 0, Matrix.of(carried, 0, units), units, examples, 0);
                carried.read(0, more, 0, more.length);
                recurrence.applyMask(more);
                VectorLoops.add(slope, more, slope.length);
            }
            h.read(t, output);
            function.slope(slope, output, slope.length);
            dz.clearPadding(t, slope);
            dz.write(t, slope);
        }
        recurrence.gradients(x, h, dz, parameters, gradients, dx);
        h = null;
    }
}
