package dev.lockstep.worker.math;

/**
 * Loops over heap arrays, each simple enough that the compiler makes vector code of it: one index for all arrays, no
 * branch, no sum carried from turn to turn. Max and ReLU keep NaN, as Java's {@code Math.max} does.
 */
public final class VectorLoops {
    private VectorLoops() {}

    public static void relu(float[] x, int count) {
        for (int i = 0; i < count; i++) {
            x[i] = Math.max(x[i], 0f);
        }
    }

    public static void add(float[] x, float y, int count) {
        for (int i = 0; i < count; i++) {
            x[i] += y;
        }
    }

    public static void addRelu(float[] x, float y, int count) {
        for (int i = 0; i < count; i++) {
            x[i] = Math.max(x[i] + y, 0f);
        }
    }

    public static void add(float[] x, float[] y, int count) {
        for (int i = 0; i < count; i++) {
            x[i] += y[i];
        }
    }

    public static void addRelu(float[] x, float[] y, int count) {
        for (int i = 0; i < count; i++) {
            x[i] = Math.max(x[i] + y[i], 0f);
        }
    }

    public static void scale(float[] x, float by, int count) {
        for (int i = 0; i < count; i++) {
            x[i] *= by;
        }
    }

    public static void multiply(float[] x, float[] y, int count) {
        for (int i = 0; i < count; i++) {
            x[i] *= y[i];
        }
    }

    public static void divide(float[] x, float[] y, int count) {
        for (int i = 0; i < count; i++) {
            x[i] /= y[i];
        }
    }

    /** x = max(x, y). */
    public static void max(float[] x, float[] y, int count) {
        for (int i = 0; i < count; i++) {
            x[i] = Math.max(x[i], y[i]);
        }
    }

    /**
     * The derivative of ReLU, on bits: the gradient stays where the output is above 0 (its bits, as an integer, too;
     * also for NaN) and becomes +0 elsewhere. The output of ReLU is never -0.
     */
    public static void maskByRelu(int[] gradient, int[] output, int count) {
        for (int i = 0; i < count; i++) {
            gradient[i] &= -output[i] >> 31;
        }
    }

    /**
     * One tap of a max-pooling window, on bits: where the input is the window's maximum, and no tap before was, the
     * gradient goes to it.
     *
     * @param routed the gradient that this tap gets; holds the tap's input before
     * @param open all bits set where no tap has got the gradient yet
     */
    public static void routeMax(int[] routed, int[] maximum, int[] gradient, int[] open, int count) {
        for (int i = 0; i < count; i++) {
            int difference = routed[i] ^ maximum[i];
            int mine = ~((difference | -difference) >> 31) & open[i];
            routed[i] = gradient[i] & mine;
            open[i] ^= mine;
        }
    }

    /** x = x^exponent; -3/4, which is usual, by square roots. */
    public static void power(float[] x, double exponent, int count) {
        if (exponent == -0.75) {
            for (int i = 0; i < count; i++) {
                float root = (float) Math.sqrt(x[i]);
                x[i] = 1f / (root * (float) Math.sqrt(root));
            }
        } else {
            for (int i = 0; i < count; i++) {
                x[i] = (float) Math.pow(x[i], exponent);
            }
        }
    }

    /** sums += (x - shift)^2. */
    public static void addSquares(float[] sums, float[] x, float shift, int count) {
        for (int i = 0; i < count; i++) {
            float deviation = x[i] - shift;
            sums[i] += deviation * deviation;
        }
    }

    /** sums += (x - shift) y. */
    public static void addProducts(float[] sums, float[] x, float shift, float[] y, int count) {
        for (int i = 0; i < count; i++) {
            sums[i] += (x[i] - shift) * y[i];
        }
    }

    /** x = (x - shift) scale + offset. */
    public static void normalise(float[] x, float shift, float scale, float offset, int count) {
        for (int i = 0; i < count; i++) {
            x[i] = (x[i] - shift) * scale + offset;
        }
    }

    /** y = a y + b (x - shift) + c. */
    public static void combine(float[] y, float a, float[] x, float shift, float b, float c, int count) {
        for (int i = 0; i < count; i++) {
            y[i] = a * y[i] + b * (x[i] - shift) + c;
        }
    }

    /** The sum, in double, from left to right. */
    public static double sum(float[] x, int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += x[i];
        }
        return sum;
    }
}
