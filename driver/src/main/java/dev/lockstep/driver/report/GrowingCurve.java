package dev.lockstep.driver.report;

import dev.lockstep.driver.report.Series.Point;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * A curve that is read point by point and takes no more memory than a bound, however long it becomes. Up to {@link #MOST}
 * points are kept as they are. Of more, equally many neighbours make a group, of which the lowest, the highest and the mean
 * are kept, besides the first point and the last ones: what a page draws of a curve is the same, to its pixels.
 */
final class GrowingCurve {
    /** More than twice what a chart gives its reader to look into. */
    static final int MOST = 5000;

    /** Even: two neighbours become one when there are so many. */
    private static final int MOST_GROUPS = 2000;
    /** What is told of the end of a curve is told of its last steps as they were. */
    private static final int LAST = 100;

    private final Deque<Point> last = new ArrayDeque<>();
    private List<Point> before = new ArrayList<>(); // these last ones; null when there are groups
    private List<Group> groups;
    private Group open = new Group(); // of fewer than the width
    private int width = 1;
    private Point first;

    /** @param y any number; one that is not finite is a gap */
    void add(double x, double y) {
        Point point = new Point(x, y);
        first = first == null ? point : first;
        last.add(point);
        if (last.size() > LAST) {
            settle(last.remove());
        }
    }

    private void settle(Point point) {
        if (before != null && before.size() + LAST < MOST) {
            before.add(point);
            return;
        }
        if (before != null) {
            groups = new ArrayList<>();
            before.forEach(this::group);
            before = null;
        }
        group(point);
    }

    private void group(Point point) {
        open.add(point);
        if (open.count < width) {
            return;
        }
        groups.add(open);
        open = new Group();
        if (groups.size() == MOST_GROUPS) {
            List<Group> pairs = new ArrayList<>();
            for (int i = 0; i < MOST_GROUPS; i += 2) {
                pairs.add(groups.get(i).and(groups.get(i + 1)));
            }
            groups = pairs;
            width *= 2;
        }
    }

    /** As it is by now. */
    StepCurve curve() {
        if (before != null) {
            List<Point> all = new ArrayList<>(before);
            all.addAll(last);
            return StepCurve.of(all);
        }
        List<Point> points = new ArrayList<>();
        points.add(first);
        groups.forEach(group -> group.ends(points));
        open.ends(points);
        if (points.get(1).x() == first.x()) {
            points.remove(0); // an end of its group
        }
        points.addAll(last);
        return new StepCurve(points, means());
    }

    private List<Point> means() {
        List<Point> means = new ArrayList<>();
        groups.forEach(group -> group.mean(means));
        Group rest = new Group().and(open);
        for (Point point : last) {
            rest.add(point);
            if (rest.count == width) {
                rest.mean(means);
                rest = new Group();
            }
        }
        rest.mean(means);
        return means;
    }

    /** Neighbours. */
    private static final class Group {
        private double from = Double.NaN;
        private double to = Double.NaN;
        private int count;
        private Point low; // null without a finite value
        private Point high;
        private double sum; // of finite values
        private int finite;

        void add(Point point) {
            from = count == 0 ? point.x() : from;
            to = point.x();
            count++;
            if (Double.isFinite(point.y())) {
                low = low == null || point.y() < low.y() ? point : low;
                high = high == null || point.y() > high.y() ? point : high;
                sum += point.y();
                finite++;
            }
        }

        /** Both as one. */
        Group and(Group later) {
            Group both = new Group();
            both.from = count == 0 ? later.from : from;
            both.to = later.count == 0 ? to : later.to;
            both.count = count + later.count;
            both.low = low == null || later.low != null && later.low.y() < low.y() ? later.low : low;
            both.high = high == null || later.high != null && later.high.y() > high.y() ? later.high : high;
            both.sum = sum + later.sum;
            both.finite = finite + later.finite;
            return both;
        }

        /** The lowest and the highest, in their order; a gap where no value is finite. */
        void ends(List<Point> points) {
            if (low != null) {
                points.add(low.x() < high.x() ? low : high);
                if (low != high) {
                    points.add(low.x() < high.x() ? high : low);
                }
            } else if (count > 0) {
                points.add(new Point(from, Double.NaN));
            }
        }

        /** Of the finite ones, at their middle. */
        void mean(List<Point> means) {
            if (count > 0) {
                means.add(new Point(Math.ceil((from + to) / 2), sum / finite));
            }
        }
    }
}
