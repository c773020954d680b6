package dev.lockstep.worker.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One pass over a gradient and the optimizer's arrays of state, all float32 and of one length: a few kilobytes of each
 * are worked on while they lie in the first cache. Not for several threads.
 */
public final class TiledPass {
    /** Values at a time: three arrays of 8 KB. */
    private static final int TILE = 2048;
    /** 1 GiB: a buffer ends at 2. */
    private static final int PART = 1 << 28;

    private final float[] gradients = new float[TILE];
    private float[][] states = new float[0][];

    /** What an optimizer does with the values of a tile, in place. */
    public interface Loop {
        /**
         * @param gradient becomes the update, which DL4J subtracts from the parameters
         * @param state one array for each of the optimizer's
         * @param count how many values of each there are
         */
        void apply(float[] gradient, float[][] state, int count);
    }

    /** @throws IllegalArgumentException when an array has gaps or is not float32 */
    public void run(Loop loop, INDArray gradient, INDArray... state) {
        run(PART, loop, gradient, state);
    }

    /** @param part how many values are taken at once, so that of arrays of any length */
    void run(int part, Loop loop, INDArray gradient, INDArray... state) {
        if (states.length != state.length) {
            states = new float[state.length][TILE];
        }
        NativeFloats[] s = new NativeFloats[state.length];
        for (long start = 0; start < gradient.length(); start += part) {
            long length = Math.min(part, gradient.length() - start);
            NativeFloats g = NativeFloats.of(gradient, start, length);
            for (int i = 0; i < s.length; i++) {
                s[i] = NativeFloats.of(state[i], start, length);
            }
            run(loop, g, s);
        }
    }

    private void run(Loop loop, NativeFloats g, NativeFloats... s) {
        for (int from = 0; from < g.length(); from += TILE) {
            int count = Math.min(TILE, g.length() - from);
            g.read(from, gradients, 0, count);
            for (int i = 0; i < s.length; i++) {
                s[i].read(from, states[i], 0, count);
            }
            loop.apply(gradients, states, count);
            g.write(from, gradients, 0, count);
            for (int i = 0; i < s.length; i++) {
                s[i].write(from, states[i], 0, count);
            }
        }
    }
}
