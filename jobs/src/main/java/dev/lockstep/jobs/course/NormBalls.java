package dev.lockstep.jobs.course;

import dev.lockstep.driver.report.Html;
import dev.lockstep.jobs.course.Plane.Spot;
import java.util.List;

/** Why L1 makes weights 0 and L2 makes them small: the loss of two weights, and the least of it in each norm's ball. */
final class NormBalls {
    /** Where the loss, the squared distance from here, is least. */
    private static final Spot LEAST = new Spot(1.7, 0.5);

    private NormBalls() {}

    /** The least loss among all of |a| + |b| ≤ 1: both are shrunk by as much, and what is smaller than that is 0. */
    static Spot inL1() {
        double shrunk = (LEAST.x() + LEAST.y() - 1) / 2;
        return LEAST.y() > shrunk ? new Spot(LEAST.x() - shrunk, LEAST.y() - shrunk) : new Spot(1, 0);
    }

    /** The least loss among all of a² + b² ≤ 1. */
    static Spot inL2() {
        double length = Math.hypot(LEAST.x(), LEAST.y());
        return new Spot(LEAST.x() / length, LEAST.y() / length);
    }

    static Html html() {
        Html html = new Html();
        html.open("section").element("h2", "Balls of L1 and L2");
        html.element(
                "p",
                "Two weights and a loss that is least at the cross, in circles of equal loss; a penalty is a bound on the"
                        + " weights' norm. The best point inside is where a circle first touches: of L1 a corner, where a"
                        + " weight is exactly 0, of L2 a point of the circle, where both are smaller and none is 0.");
        html.open("div", "class", "charts");
        Plane plane = new Plane(-1.4, 2.6, -1.4, 1.4, 1, 1);
        Html l1 = plane.way(
                "c0", List.of(new Spot(1, 0), new Spot(0, 1), new Spot(-1, 0), new Spot(0, -1), new Spot(1, 0)));
        html.add(plane.figure("L1: |w₁| + |w₂| ≤ 1", "the best point is (1, 0)", l1.add(loss(plane, inL1()))));
        Html l2 = plane.ellipse("c0", 0, 0, 1, 1);
        html.add(plane.figure("L2: w₁² + w₂² ≤ 1", "the best point is (0.96, 0.28)", l2.add(loss(plane, inL2()))));
        return html.close().close();
    }

    private static Html loss(Plane plane, Spot best) {
        double distance = Math.hypot(LEAST.x() - best.x(), LEAST.y() - best.y());
        Html html = new Html();
        for (double part : new double[] {1.0 / 3, 2.0 / 3, 1}) {
            html.add(plane.ellipse("c6 level", LEAST.x(), LEAST.y(), part * distance, part * distance));
        }
        html.add(plane.way("c6", List.of(new Spot(LEAST.x() - .05, LEAST.y()), new Spot(LEAST.x() + .05, LEAST.y()))));
        html.add(plane.way("c6", List.of(new Spot(LEAST.x(), LEAST.y() - .05), new Spot(LEAST.x(), LEAST.y() + .05))));
        return html.add(plane.dot("c1", best, "the best point inside"));
    }
}
