package dev.lockstep.worker.math;

/**
 * Activation functions of recurrent cells, whose slope follows from what they give. Each is arithmetic of float32 alone, so
 * the compiler makes vector code of it and its bits are the same everywhere.
 */
public enum Squash {
    /** By {@link VectorLoops#tanh}. */
    TANH {
        @Override
        public void apply(float[] x, int from, int to) {
            VectorLoops.tanh(x, from, to);
        }

        @Override
        public void slope(float[] gradient, float[] y, int count) {
            for (int i = 0; i < count; i++) {
                gradient[i] *= 1f - y[i] * y[i];
            }
        }
    },
    /** By {@link VectorLoops#sigmoid}. */
    SIGMOID {
        @Override
        public void apply(float[] x, int from, int to) {
            VectorLoops.sigmoid(x, from, to);
        }

        @Override
        public void slope(float[] gradient, float[] y, int count) {
            for (int i = 0; i < count; i++) {
                gradient[i] *= y[i] * (1f - y[i]);
            }
        }
    },
    RELU {
        @Override
        public void apply(float[] x, int from, int to) {
            for (int i = from; i < to; i++) {
                x[i] = Math.max(x[i], 0f);
            }
        }

        @Override
        public void slope(float[] gradient, float[] y, int count) {
            for (int i = 0; i < count; i++) {
                gradient[i] = gradient[i] * Math.min(1f, y[i] * 1e38f * 1e38f) + 0f; // 1 or 0, without a branch
            }
        }
    },
    IDENTITY {
        @Override
        public void apply(float[] x, int from, int to) {
            // x is y
        }

        @Override
        public void slope(float[] gradient, float[] y, int count) {
            // 1
        }
    };

    /** x = f(x), from one index up to another. */
    public abstract void apply(float[] x, int from, int to);

    /**
     * gradient = gradient f'(x).
     *
     * @param y = f(x)
     */
    public abstract void slope(float[] gradient, float[] y, int count);
}
