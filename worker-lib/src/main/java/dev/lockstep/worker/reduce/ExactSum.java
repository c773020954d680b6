package dev.lockstep.worker.reduce;

import java.math.BigInteger;
import java.nio.ByteBuffer;

/**
 * A sum of doubles without any rounding (Kulisch's long accumulator), which so does not depend on their order, nor on who
 * adds up which of them. A bit for each power of two that a double can have, in digits of 32, whose carries wait in the upper
 * halves. Not for several threads.
 */
public final class ExactSum {
    /** The unit: the smallest double is 2^-1074. */
    public static final int SCALE = 1074;

    private static final int BITS = 32;
    private static final long DIGIT = (1L << BITS) - 1;
    private static final int FRACTION = 52;
    private static final int INFINITE = 0x7ff;

    /** Each addend changes a digit by less than 2^32: after so many of them a digit might not hold another. */
    private static final int MOST_WAITING = 1 << 30;

    private final long[] digits = new long[(SCALE + 1024) / BITS + 3];
    private int waiting;

    /**
     * @param value finite
     * @throws IllegalArgumentException when it is not
     */
    public void add(double value) {
        long bits = Double.doubleToRawLongBits(value);
        int exponent = (int) (bits >>> FRACTION) & INFINITE;
        if (exponent == INFINITE) {
            throw new IllegalArgumentException("cannot add " + value + "; expected a finite number");
        }
        long fraction = bits & (1L << FRACTION) - 1;
        long mantissa = exponent == 0 ? fraction : fraction | 1L << FRACTION;
        int place = Math.max(0, exponent - 1); // the value is mantissa · 2^place units
        int digit = place / BITS;
        int shift = place % BITS;
        long sign = bits < 0 ? -1 : 1;
        digits[digit] += sign * (mantissa << shift & DIGIT);
        digits[digit + 1] += sign * (mantissa >>> BITS - shift & DIGIT);
        digits[digit + 2] += sign * (shift == 0 ? 0 : mantissa >>> 2 * BITS - shift);
        if (++waiting == MOST_WAITING) {
            carry();
        }
    }

    private void carry() {
        for (int i = 0; i < digits.length - 1; i++) {
            long carried = digits[i] >> BITS;
            digits[i] -= carried << BITS;
            digits[i + 1] += carried;
        }
        waiting = 0;
    }

    /** The sum in units of 2^-1074. */
    public BigInteger value() {
        carry();
        int last = digits.length - 1;
        ByteBuffer bytes =
                ByteBuffer.allocate(Long.BYTES + Integer.BYTES * last).putLong(digits[last]);
        for (int i = last - 1; i >= 0; i--) {
            bytes.putInt((int) digits[i]);
        }
        return new BigInteger(bytes.array());
    }
}
