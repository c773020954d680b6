package dev.lockstep.driver.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A named curve.
 *
 * @param name for the legend; a series without a name is not in it
 * @param colour which colour of the palette, from 0; past its end come the same colours, dashed
 * @param clock when its steps were done, for axes of epochs and of time
 */
public record Series(String name, int colour, Style style, StepCurve curve, StepClock clock) {
    /** Noise is smoothed with a window that is this part of a curve's length. */
    private static final int SMOOTHING_PART = 100;

    /** A value that is not finite leaves a gap. */
    public record Point(double x, double y) {}

    /** How a series is drawn. */
    public enum Style {
        LINE,
        /** A line that stands back behind the others. */
        FAINT,
        /** A line with a dot at each point: for few points. */
        DOTS,
        /** Each point faint, and their smoothed curve over them; a mere line while they are few. */
        NOISY
    }

    /** One of which all points are known. */
    public Series(String name, int colour, Style style, List<Point> points, StepClock clock) {
        this(name, colour, style, StepCurve.of(points), clock);
    }

    /** One whose steps are all that is known. */
    public Series(String name, int colour, Style style, List<Point> points) {
        this(name, colour, style, points, StepClock.NONE);
    }

    public List<Point> points() {
        return curve.points();
    }

    /** The same, with what is known of its steps. */
    public Series at(StepClock times) {
        return new Series(name, colour, style, curve, times);
    }

    private Series of(List<Point> others) {
        return new Series(name, colour, style, others, clock);
    }

    /** How many points, or means of neighbours, its smoothed curve averages; below 2 for none. */
    int window() {
        return style == Style.NOISY ? curve.means().size() / SMOOTHING_PART : 0;
    }

    /** The last finite value; NaN when there is none. */
    public double last() {
        List<Point> points = points();
        for (int i = points.size() - 1; i >= 0; i--) {
            if (Double.isFinite(points.get(i).y())) {
                return points.get(i).y();
            }
        }
        return Double.NaN;
    }

    /**
     * An average of each point's neighbours on both sides, so that the curve is not late: the weight of a neighbour falls
     * by a factor of e in {@code window} points.
     */
    public Series smoothed(double window) {
        List<Point> smooth = averaged(curve.means(), window);
        Collections.reverse(smooth);
        smooth = averaged(smooth, window);
        Collections.reverse(smooth);
        return of(smooth);
    }

    /** An average that forgets. The weights always add up to 1, so the first point is itself. */
    private static List<Point> averaged(List<Point> points, double window) {
        double keep = Math.exp(-1 / window);
        double sum = 0;
        double weight = 0;
        List<Point> averages = new ArrayList<>(points.size());
        for (Point point : points) {
            if (Double.isFinite(point.y())) {
                sum = keep * sum + (1 - keep) * point.y();
                weight = keep * weight + (1 - keep);
                averages.add(new Point(point.x(), sum / weight));
            } else {
                averages.add(point);
            }
        }
        return averages;
    }

    /**
     * At most {@code most} points: the lowest and the highest of each of equally many neighbours, so that no peak is lost.
     * A bucket without a finite value stays a gap.
     */
    public Series thinned(int most) {
        List<Point> points = points();
        if (points.size() <= most) {
            return this;
        }
        int buckets = Math.max(1, most / 2);
        List<Point> kept = new ArrayList<>(2 * buckets);
        for (int b = 0; b < buckets; b++) {
            int from = (int) ((long) points.size() * b / buckets);
            int to = (int) ((long) points.size() * (b + 1) / buckets);
            int low = -1;
            int high = -1;
            for (int i = from; i < to; i++) {
                double y = points.get(i).y();
                if (Double.isFinite(y)) {
                    low = low < 0 || y < points.get(low).y() ? i : low;
                    high = high < 0 || y > points.get(high).y() ? i : high;
                }
            }
            if (low < 0) {
                kept.add(points.get(from));
            } else {
                kept.add(points.get(Math.min(low, high)));
                if (low != high) {
                    kept.add(points.get(Math.max(low, high)));
                }
            }
        }
        return of(kept);
    }

    /** The mean of each of equally many neighbours, at their middle: what a thinned series is smoothed from. */
    List<Point> means(int buckets) {
        List<Point> points = curve.means();
        List<Point> means = new ArrayList<>(buckets);
        for (int b = 0; b < buckets; b++) {
            List<Point> bucket = points.subList(
                    (int) ((long) points.size() * b / buckets), (int) ((long) points.size() * (b + 1) / buckets));
            bucket.stream()
                    .mapToDouble(Point::y)
                    .filter(Double::isFinite)
                    .average()
                    .ifPresent(mean ->
                            means.add(new Point(bucket.get(bucket.size() / 2).x(), mean)));
        }
        return means;
    }
}
