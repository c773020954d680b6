package dev.lockstep.worker.math;

/**
 * exp x within 3e-7 of it, for x up to 88; below -87 it is exp -87. By powers of 2 and a polynomial (that of Cephes' {@code expf}).
 * NaN stays NaN. In passes of which the compiler makes vector code each: it makes none of taking a float's bits for a whole number,
 * so these go through memory. Not for several threads.
 */
final class Exponential {
    /** Values at a time: 16 KB an array. */
    private static final int TILE = 4096;

    private static final float ROUND =
            12582912f; // 3 * 2^22: what is added to it loses its fraction, and has it in its last bits

    private final float[] values = new float[TILE];
    private final float[] shifted = new float[TILE];
    private final int[] bits = new int[TILE];
    private final NativeFloats memory = NativeFloats.allocate(TILE);

    /** x = exp x from one index up to another. */
    void apply(float[] x, int from, int to) {
        for (int at = from; at < to; at += TILE) {
            int count = Math.min(TILE, to - at);
            System.arraycopy(x, at, values, 0, count);
            shift(values, shifted, count);
            memory.write(0, shifted, 0, count);
            memory.read(0, bits, 0, count);
            remainders(values, shifted, count);
            powers(bits, count);
            memory.write(0, bits, 0, count);
            memory.read(0, shifted, 0, count);
            VectorLoops.multiply(values, shifted, count);
            System.arraycopy(values, 0, x, at, count);
        }
    }

    private static void shift(float[] x, float[] shifted, int count) {
        for (int i = 0; i < count; i++) {
            shifted[i] = Math.max(-87f, Math.min(88f, x[i])) * 1.44269504088896341f + ROUND;
        }
    }

    private static void remainders(float[] x, float[] shifted, int count) {
        for (int i = 0; i < count; i++) {
            float whole = shifted[i] - ROUND;
            float r = Math.max(-87f, Math.min(88f, x[i])) - whole * 0.693359375f + whole * 2.12194440e-4f;
            float p = 1.9875691500e-4f;
            p = p * r + 1.3981999507e-3f;
            p = p * r + 8.3334519073e-3f;
            p = p * r + 4.1665795894e-2f;
            p = p * r + 1.6666665459e-1f;
            p = p * r + 5.0000001201e-1f;
            x[i] = p * r * r + r + 1f;
        }
    }

    /** The bits of 2 to the whole numbers: of what is shifted all but the last bits fall off. */
    private static void powers(int[] bits, int count) {
        for (int i = 0; i < count; i++) {
            bits[i] = (bits[i] + 127) << 23;
        }
    }
}
