package dev.lockstep.jobs.course;

import com.typesafe.config.Config;
import dev.lockstep.driver.report.Html;
import dev.lockstep.driver.report.Numbers;
import java.util.List;

/** z = t², t = x + y: forward, backward, and what small differences say. */
record ChainRule(double x, double y) {
    private static final double SMALL = 1e-4;

    /** @param turned other values of {@code x} and {@code y} */
    static ChainRule of(Config turned) {
        return new ChainRule(
                turned.hasPath("x") ? turned.getDouble("x") : 2, turned.hasPath("y") ? turned.getDouble("y") : 3);
    }

    private double t() {
        return x + y;
    }

    private static double z(double x, double y) {
        return (x + y) * (x + y);
    }

    /** Of z by t. */
    double byT() {
        return 2 * t();
    }

    /** Of z by x, as a small difference has it. */
    double differenceByX() {
        return (z(x + SMALL, y) - z(x - SMALL, y)) / (2 * SMALL);
    }

    /** Of z by y, as a small difference has it. */
    double differenceByY() {
        return (z(x, y + SMALL) - z(x, y - SMALL)) / (2 * SMALL);
    }

    List<Passage> passages() {
        return List.of(
                new Passage(
                        "Forward",
                        new Printout()
                                .value("x", x)
                                .value("y", y)
                                .value("t = x + y", t())
                                .value("z = t^2", z(x, y))
                                .toString()),
                new Passage(
                        "Backward: from z to x and y, each times the one before",
                        new Printout()
                                .value("dz/dz", 1)
                                .value("dz/dt = 2 t", byT())
                                .value("dt/dx", 1)
                                .value("dt/dy", 1)
                                .value("dz/dx = dz/dt dt/dx", byT())
                                .value("dz/dy = dz/dt dt/dy", byT())
                                .toString()),
                new Passage(
                        "What small differences say, (z(x + h) - z(x - h)) / 2h with h = " + SMALL,
                        new Printout()
                                .value("by x", differenceByX())
                                .value("by y", differenceByY())
                                .toString()));
    }

    /** The graph of the computation. */
    Html html() {
        Html html = new Html();
        html.open("section").element("h2", "The graph");
        html.element("p", "Values go to the right, above the arrows; derivatives of z come back, below them.");
        html.open("div", "class", "scroll network", "tabindex", "0", "role", "region", "aria-label", "Graph");
        html.open("svg", "viewBox", "0 0 520 190", "role", "img", "style", "width:100%;max-width:640px;height:auto");
        html.element("title", "x and y go into a sum, t, that goes into a square, z");
        arrow(html, 20, 40, 190, 85, "x = " + number(x), "dz/dx = " + number(byT()));
        arrow(html, 20, 150, 190, 105, "y = " + number(y), "dz/dy = " + number(byT()));
        node(html, 210, "+");
        arrow(html, 232, 95, 338, 95, "t = " + number(t()), "dz/dt = " + number(byT()));
        node(html, 360, "t²");
        arrow(html, 382, 95, 500, 95, "z = " + number(z(x, y)), "dz/dz = 1");
        return html.close().close().close();
    }

    private static void node(Html html, int x, String sign) {
        html.empty("circle", "class", "c0", "cx", "" + x, "cy", "95", "r", "20");
        html.element("text", sign, "x", "" + x, "y", "100", "text-anchor", "middle");
    }

    private static void arrow(Html html, int fromX, int fromY, int toX, int toY, String value, String derivative) {
        html.empty("path", "d", "M" + fromX + "," + fromY + "L" + toX + "," + toY + "m-6,-5l6,5l-6,5");
        String middle = Integer.toString((fromX + toX) / 2);
        int height = (fromY + toY) / 2;
        html.element("text", value, "x", middle, "y", "" + (height - 12), "text-anchor", "middle");
        html.element(
                "text", derivative, "class", "back", "x", middle, "y", "" + (height + 22), "text-anchor", "middle");
    }

    private static String number(double value) {
        return Numbers.brief(value);
    }
}
