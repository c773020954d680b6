package dev.lockstep.driver.config;

/**
 * How often something happens, or how long something lasts: a number of optimizer steps or of epochs.
 *
 * @param count at least 1
 */
public record Every(long count, Unit unit) {

    /** What is counted. */
    public enum Unit {
        STEPS,
        EPOCHS
    }

    /** The same in steps. */
    public long steps(long stepsPerEpoch) {
        return unit == Unit.STEPS ? count : Math.multiplyExact(count, stepsPerEpoch);
    }

    /** Whether it became due by the steps done since {@code before} were done. */
    public boolean isDue(long before, long stepsDone, long stepsPerEpoch) {
        return next(before, stepsPerEpoch) <= stepsDone;
    }

    /** The first step count after this many done at which it is due. */
    public long next(long stepsDone, long stepsPerEpoch) {
        long period = steps(stepsPerEpoch);
        return (stepsDone / period + 1) * period;
    }

    /** As a configuration writes it: "200 steps", "1 epoch". */
    @Override
    public String toString() {
        String name = unit == Unit.STEPS ? "step" : "epoch";
        return count + " " + name + (count == 1 ? "" : "s");
    }
}
