package dev.lockstep.worker.math;

import java.util.List;

/**
 * One pass over a gradient and the optimizer's arrays of state, all of one length: a few kilobytes of each are worked on
 * while they lie in the first cache.
 */
public final class TiledPass {
    /** Values at a time: three arrays of 8 KB. */
    private static final int TILE = 2048;

    /** What an optimizer does with the values of a tile, in place. */
    public interface Loop {
        /**
         * @param gradient becomes the update, which is subtracted from the parameters
         * @param state one array for each of the optimizer's
         * @param count how many values of each there are
         */
        void apply(float[] gradient, float[][] state, int count);
    }

    private TiledPass() {}

    public static void run(NativeFloats gradient, List<NativeFloats> state, Loop loop) {
        float[] gradients = new float[TILE];
        float[][] states = new float[state.size()][TILE];
        for (int from = 0; from < gradient.length(); from += TILE) {
            int count = Math.min(TILE, gradient.length() - from);
            gradient.read(from, gradients, 0, count);
            for (int i = 0; i < states.length; i++) {
                state.get(i).read(from, states[i], 0, count);
            }
            loop.apply(gradients, states, count);
            gradient.write(from, gradients, 0, count);
            for (int i = 0; i < states.length; i++) {
                state.get(i).write(from, states[i], 0, count);
            }
        }
    }
}
