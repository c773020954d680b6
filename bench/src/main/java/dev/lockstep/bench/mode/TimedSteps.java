package dev.lockstep.bench.mode;

/**
 * What one window took.
 *
 * @param seconds on the wall clock, all steps together
 * @param exchangeSeconds the part of it in which no shard was computed; not a number when the mode cannot tell
 */
public record TimedSteps(int steps, double seconds, double exchangeSeconds) {

    public double stepMillis() {
        return 1e3 * seconds / steps;
    }

    public double exchangeMillis() {
        return 1e3 * exchangeSeconds / steps;
    }
}
