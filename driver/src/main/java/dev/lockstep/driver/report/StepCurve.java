package dev.lockstep.driver.report;

import dev.lockstep.driver.report.Series.Point;
import java.util.List;

/**
 * What is known of a figure by step, in ascending order of x.
 *
 * @param points its values; of very many, the lowest and the highest of each group of neighbours, the first and the last
 * @param means what a smoothed curve is of: the same points; where these stand for more, the mean of each group of neighbours
 */
public record StepCurve(List<Point> points, List<Point> means) {
    public StepCurve {
        points = List.copyOf(points);
        means = List.copyOf(means);
    }

    /** One of which all points are known. */
    public static StepCurve of(List<Point> points) {
        List<Point> all = List.copyOf(points);
        return new StepCurve(all, all);
    }

    /** Whether its points stand for more. */
    boolean isThinned() {
        return !means.equals(points);
    }

    /** Each value so many times. */
    StepCurve times(double factor) {
        return factor == 1 ? this : new StepCurve(times(points, factor), times(means, factor));
    }

    private static List<Point> times(List<Point> points, double factor) {
        return points.stream()
                .map(point -> new Point(point.x(), factor * point.y()))
                .toList();
    }
}
