package dev.lockstep.jobs.course;

import dev.lockstep.driver.report.Html;
import dev.lockstep.driver.report.Numbers;
import dev.lockstep.jobs.course.Plane.Spot;
import java.util.ArrayList;
import java.util.List;

/**
 * A loss of two parameters, f(x, y) = x²/20 + y², a valley that is steep across and flat along, and the ways that optimizers
 * take down it, written to be looked at.
 */
final class LossSurface {
    private static final Spot START = new Spot(-7, 2);
    private static final int STEPS = 30;
    private static final double MOMENTUM = 0.9;
    private static final double RMS_DECAY = 0.99;
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.999;
    private static final double EPSILON = 1e-7;

    private LossSurface() {}

    /** The rule of one parameter; it keeps what it remembers. */
    interface Rule {
        /** @return what is added to the parameter */
        double step(double gradient, int t);
    }

    /** An optimizer at a rate that suits it. */
    enum Way {
        SGD("SGD", 0.95) {
            @Override
            Rule rule() {
                return (gradient, t) -> -rate * gradient;
            }
        },
        MOMENTUM("Momentum", 0.1) {
            @Override
            Rule rule() {
                double[] v = {0};
                return (gradient, t) -> v[0] = LossSurface.MOMENTUM * v[0] - rate * gradient;
            }
        },
        ADAGRAD("AdaGrad", 1.5) {
            @Override
            Rule rule() {
                double[] h = {0};
                return (gradient, t) -> {
                    h[0] += gradient * gradient;
                    return -rate * gradient / (Math.sqrt(h[0]) + EPSILON);
                };
            }
        },
        RMSPROP("RMSProp", 0.1) {
            @Override
            Rule rule() {
                double[] h = {0};
                return (gradient, t) -> {
                    h[0] = RMS_DECAY * h[0] + (1 - RMS_DECAY) * gradient * gradient;
                    return -rate * gradient / (Math.sqrt(h[0]) + EPSILON);
                };
            }
        },
        ADAM("Adam", 0.3) {
            @Override
            Rule rule() {
                double[] m = {0, 0};
                return (gradient, t) -> {
                    m[0] = BETA1 * m[0] + (1 - BETA1) * gradient;
                    m[1] = BETA2 * m[1] + (1 - BETA2) * gradient * gradient;
                    double mean = m[0] / (1 - Math.pow(BETA1, t));
                    return -rate * mean / (Math.sqrt(m[1] / (1 - Math.pow(BETA2, t))) + EPSILON);
                };
            }
        };

        final String title;
        final double rate;

        Way(String title, double rate) {
            this.title = title;
            this.rate = rate;
        }

        abstract Rule rule();

        /** From the start on. */
        List<Spot> spots() {
            Rule ofX = rule();
            Rule ofY = rule();
            List<Spot> spots = new ArrayList<>(List.of(START));
            for (int t = 1; t <= STEPS; t++) {
                Spot last = spots.get(t - 1);
                spots.add(new Spot(last.x() + ofX.step(last.x() / 10, t), last.y() + ofY.step(2 * last.y(), t)));
            }
            return spots;
        }
    }

    static double loss(Spot at) {
        return at.x() * at.x() / 20 + at.y() * at.y();
    }

    static Html html() {
        Html html = new Html();
        html.open("section").element("h2", "Ways down a valley");
        html.element(
                "p",
                "The loss f(x, y) = x²/20 + y² of two parameters, in lines of equal loss: steep across, flat along. From"
                        + " (-7, 2), " + STEPS
                        + " steps each. SGD swings from wall to wall, for the gradient points across and not to the"
                        + " minimum; momentum rolls through the swings; AdaGrad, RMSProp and Adam give each parameter a step"
                        + " of its own.");
        html.open("div", "class", "charts small");
        Plane plane = new Plane(-8, 8, -3.5, 3.5, 4, 1);
        for (Way way : Way.values()) {
            List<Spot> spots = way.spots();
            Html inside = new Html();
            for (double level : new double[] {0.1, 0.5, 1, 2, 3}) {
                inside.add(plane.ellipse("c6 level", 0, 0, Math.sqrt(20 * level), Math.sqrt(level)));
            }
            for (double level : new double[] {4.5, loss(START), 9}) { // these go beyond the edge
                inside.add(plane.curve("c6 level", x -> Math.sqrt(level - x * x / 20)));
                inside.add(plane.curve("c6 level", x -> -Math.sqrt(level - x * x / 20)));
            }
            inside.add(plane.way("c1", spots));
            for (int i = 0; i < spots.size(); i++) {
                inside.add(plane.dot(
                        "c1", spots.get(i), "after " + i + " steps: " + Numbers.brief(loss(spots.get(i)), 3)));
            }
            html.add(plane.figure(
                    way.title,
                    "η = " + Numbers.brief(way.rate) + ", loss " + Numbers.brief(loss(spots.get(STEPS)), 3),
                    inside));
        }
        return html.close().close();
    }
}
