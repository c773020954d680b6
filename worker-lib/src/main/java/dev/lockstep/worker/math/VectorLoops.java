package dev.lockstep.worker.math;

/**
 * Loops over heap arrays, each simple enough that the compiler makes vector code of it: one index for all arrays, no
 * branch, no sum carried from turn to turn. Max and ReLU keep NaN, as Java's {@code Math.max} does.
 */
public final class VectorLoops {
    /** Values at a time: 8 KB. */
    private static final int TILE = 2048;

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

    /** Adds elements {@code [from, to)}, multiplied before, to those at the same places. */
    public static void addTo(float[] sum, NativeFloats values, int from, int to, float factor) {
        float[] tile = new float[TILE];
        for (int at = from, count; at < to; at += count) {
            count = Math.min(TILE, to - at);
            values.read(at, tile, 0, count);
            if (factor != 1) {
                scale(tile, factor, count);
            }
            for (int i = 0; i < count; i++) {
                sum[at + i] += tile[i];
            }
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

    /**
     * x = tanh x from one index up to another, within 4e-7, by a quotient of two polynomials on [-9, 9], beyond which it is 1
     * in float32 (the coefficients are those of Eigen's {@code generic_fast_tanh_float}). NaN stays NaN.
     */
    public static void tanh(float[] x, int from, int to) {
        for (int i = from; i < to; i++) {
            x[i] = tanh(x[i]);
        }
    }

    /** x = 1 / (1 + exp(-x)) = 1/2 + 1/2 tanh(x / 2) from one index up to another, within 3e-7. NaN stays NaN. */
    public static void sigmoid(float[] x, int from, int to) {
        for (int i = from; i < to; i++) {
            x[i] = 0.5f + 0.5f * tanh(0.5f * x[i]);
        }
    }

    private static float tanh(float any) {
        float x = Math.max(-9f, Math.min(9f, any));
        float square = x * x;
        float p = -2.76076847742355e-16f;
        p = p * square + 2.00018790482477e-13f;
        p = p * square - 8.60467152213735e-11f;
        p = p * square + 5.12229709037114e-08f;
        p = p * square + 1.48572235717979e-05f;
        p = p * square + 6.37261928875436e-04f;
        p = p * square + 4.89352455891786e-03f;
        float q = 1.19825839466702e-06f;
        q = q * square + 1.18534705686654e-04f;
        q = q * square + 2.26843463243900e-03f;
        q = q * square + 4.89352518554385e-03f;
        return x * p / q;
    }

    /** The sum, in double, from left to right. */
    public static double sum(float[] x, int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += x[i];
        }
        return sum;
    }

    /** Of a loop that mixes float and double the compiler makes no vector code, so values change their type by themselves. */
    static void widen(float[] x, double[] wide, int count) {
        for (int i = 0; i < count; i++) {
            wide[i] = x[i];
        }
    }

    /** The sum of every row of a matrix, from left to right; eight side by side, for one alone waits for each of its additions. */
    static void rowSums(double[] x, int rows, int columns, double[] sums) {
        int row = 0;
        for (; row + 8 <= rows; row += 8) {
            eightRowSums(x, row * columns, columns, sums, row);
        }
        for (; row < rows; row++) {
            double sum = 0;
            for (int i = row * columns; i < (row + 1) * columns; i++) {
                sum += x[i];
            }
            sums[row] = sum;
        }
    }

    private static void eightRowSums(double[] x, int at, int columns, double[] sums, int row) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        double s4 = 0;
        double s5 = 0;
        double s6 = 0;
        double s7 = 0;
        for (int i = at; i < at + columns; i++) {
            s0 += x[i];
            s1 += x[i + columns];
            s2 += x[i + 2 * columns];
            s3 += x[i + 3 * columns];
            s4 += x[i + 4 * columns];
            s5 += x[i + 5 * columns];
            s6 += x[i + 6 * columns];
            s7 += x[i + 7 * columns];
        }
        sums[row] = s0;
        sums[row + 1] = s1;
        sums[row + 2] = s2;
        sums[row + 3] = s3;
        sums[row + 4] = s4;
        sums[row + 5] = s5;
        sums[row + 6] = s6;
        sums[row + 7] = s7;
    }
}
