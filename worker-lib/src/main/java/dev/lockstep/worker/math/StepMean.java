package dev.lockstep.worker.math;

import java.util.Arrays;
import java.util.List;

/**
 * The mean of a sequence's steps, {@code [examples, channels]}: their sum from the first on, in float32, as DL4J adds them, through
 * their number. Without parameters.
 */
public final class StepMean implements SequenceKernel {
    @Override
    public void forward(Sequences x, List<NativeFloats> parameters, Sequences y, boolean training) {
        float[] sums = new float[x.examples() * x.channels()];
        float[] values = new float[sums.length];
        for (int t = 0; t < x.steps(); t++) {
            x.read(t, values);
            x.clearPadding(t, values);
            VectorLoops.add(sums, values, sums.length);
        }
        VectorLoops.divide(sums, counts(x), sums.length);
        y.write(0, sums);
    }

    /** dx_t = dy through the number of steps. */
    @Override
    public void backward(
            Sequences x, List<NativeFloats> parameters, Sequences dy, List<NativeFloats> gradients, Sequences dx) {
        float[] shares = new float[x.examples() * x.channels()];
        dy.read(0, shares);
        VectorLoops.divide(shares, counts(x), shares.length);
        for (int t = 0; t < x.steps(); t++) {
            dx.clearPadding(t, shares); // what is behind an end stays there
            dx.write(t, shares);
        }
    }

    /** The number of an example's steps, at all its places. */
    private static float[] counts(Sequences x) {
        float[] counts = new float[x.examples() * x.channels()];
        for (int n = 0; n < x.examples(); n++) {
            Arrays.fill(counts, n * x.channels(), (n + 1) * x.channels(), x.lengths()[n]);
        }
        return counts;
    }
}
