package dev.lockstep.worker.seed;

/**
 * The SplitMix64 generator (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014, with the
 * finaliser "variant 13" of David Stafford). Written out here, not taken from the JDK, because its numbers are part of
 * the trained model and must never move with a Java version.
 */
public final class SplitMix64 {
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    private long state;

    public SplitMix64(long seed) {
        this.state = seed;
    }

    /** A bijection of the 64-bit numbers that scatters them: one bit changed in, half the bits changed out. */
    public static long mix(long value) {
        long z = value + GOLDEN_GAMMA;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** Uniform over all 64-bit numbers. */
    public long nextLong() {
        long out = mix(state);
        state += GOLDEN_GAMMA;
        return out;
    }

    /**
     * Uniform over {@code [0, bound)}, without bias (Lemire: "Fast random integer generation in an interval", 2019).
     *
     * @throws IllegalArgumentException when {@code bound} is below 1
     */
    public long nextLong(long bound) {
        if (bound < 1) {
            throw new IllegalArgumentException("bound must be at least 1, found " + bound);
        }
        long random = nextLong();
        long high = Math.multiplyHigh(random, bound) + ((random >> 63) & bound);
        long low = random * bound;
        if (Long.compareUnsigned(low, bound) < 0) {
            long threshold = Long.remainderUnsigned(-bound, bound);
            while (Long.compareUnsigned(low, threshold) < 0) {
                random = nextLong();
                high = Math.multiplyHigh(random, bound) + ((random >> 63) & bound);
                low = random * bound;
            }
        }
        return high;
    }

    /** Uniform over {@code [0, 1)}, 53 bits. */
    public double nextDouble() {
        return (nextLong() >>> 11) * 0x1.0p-53;
    }
}
