package dev.lockstep.driver.report;

import dev.lockstep.driver.report.Series.Point;
import dev.lockstep.driver.run.MetricsLine;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * When the steps of a run were done.
 *
 * @param stepsPerEpoch 0 while that is not known
 * @param seconds since the first line of the run, by step: some of them, ascending
 */
public record StepClock(long stepsPerEpoch, List<Point> seconds) {
    public static final StepClock NONE = new StepClock(0, List.of());

    /** Between so many, times are as good as even. */
    private static final int MOST = 200;

    public StepClock {
        seconds = List.copyOf(seconds);
    }

    /** @param lines as {@code MetricsLog.read} gives them */
    public static StepClock of(List<MetricsLine> lines) {
        List<Point> seconds = new ArrayList<>();
        Instant first = null;
        int apart = Math.max(1, lines.size() / MOST);
        for (int i = 0; i < lines.size(); i++) {
            if (i % apart == 0 || i == lines.size() - 1) {
                Instant time = time(lines.get(i));
                first = first == null ? time : first;
                if (time != null) {
                    seconds.add(new Point(
                            lines.get(i).step(), Duration.between(first, time).toMillis() / 1e3));
                }
            }
        }
        return new StepClock(stepsPerEpoch(lines), seconds.size() < 2 ? List.of() : seconds);
    }

    /** @return null where a line does not say it */
    private static Instant time(MetricsLine line) {
        try {
            return line.time() == null ? null : Instant.parse(line.time());
        } catch (DateTimeException e) {
            return null;
        }
    }

    private static long stepsPerEpoch(List<MetricsLine> lines) {
        return lines.stream()
                .filter(line -> line.split().equals(MetricsLine.TRAIN) && line.epoch() == 1)
                .mapToLong(line -> line.step() - 1)
                .findFirst()
                .orElse(0);
    }
}
