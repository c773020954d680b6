package dev.lockstep.driver.report;

import dev.lockstep.driver.report.Series.Point;
import java.util.List;

/**
 * When the steps of a run were done.
 *
 * @param stepsPerEpoch 0 while that is not known
 * @param seconds since the first line of the run, by step: some of them, ascending
 */
public record StepClock(long stepsPerEpoch, List<Point> seconds) {
    public static final StepClock NONE = new StepClock(0, List.of());

    public StepClock {
        seconds = List.copyOf(seconds);
    }
}
