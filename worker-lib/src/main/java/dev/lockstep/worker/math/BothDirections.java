package dev.lockstep.worker.math;

import java.util.List;
import java.util.function.DoubleSupplier;

/**
 * Schuster, Paliwal 1997: two cells of one kind, one that goes forward in time and one backward, their outputs side by side.
 * Parameters: the first one's, then the second one's.
 */
public final class BothDirections implements Dropping {
    private final SequenceKernel forward;
    private final SequenceKernel backward;

    private NativeFloats second; // the gradient of x that comes through the one that goes backward

    public BothDirections(SequenceKernel forward, SequenceKernel backward) {
        this.forward = forward;
        this.backward = backward;
    }

    @Override
    public void drop(double ratio, DoubleSupplier random) {
        ((Dropping) forward).drop(ratio, random);
        ((Dropping) backward).drop(ratio, random);
    }

    @Override
    public void forward(Sequences x, List<NativeFloats> parameters, Sequences y, boolean training) {
        int half = parameters.size() / 2;
        int units = y.channels() / 2;
        forward.forward(x, parameters.subList(0, half), y.part(0, units), training);
        backward.forward(x, parameters.subList(half, 2 * half), y.part(units, units), training);
    }

    @Override
    public void backward(
            Sequences x, List<NativeFloats> parameters, Sequences dy, List<NativeFloats> gradients, Sequences dx) {
        int half = parameters.size() / 2;
        int units = dy.channels() / 2;
        forward.backward(x, parameters.subList(0, half), dy.part(0, units), gradients.subList(0, half), dx);
        Sequences more = null;
        if (dx != null) {
            second = Recurrence.grown(second, x.rows() * x.channels());
            more = new Sequences(second, x.steps(), x.channels(), x.lengths());
        }
        backward.backward(
                x, parameters.subList(half, 2 * half), dy.part(units, units), gradients.subList(half, 2 * half), more);
        if (dx != null) {
            add(dx, more);
        }
    }

    private static void add(Sequences to, Sequences more) {
        float[] sum = new float[to.examples() * to.channels()];
        float[] other = new float[sum.length];
        for (int t = 0; t < to.steps(); t++) {
            to.read(t, sum);
            more.read(t, other);
            VectorLoops.add(sum, other, sum.length);
            to.write(t, sum);
        }
    }
}
