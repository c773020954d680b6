package dev.lockstep.jobs.course;

import dev.lockstep.driver.report.Html;
import dev.lockstep.driver.report.Numbers;
import java.util.ArrayList;
import java.util.List;

/**
 * Two axes that cross, and what is drawn between them.
 *
 * @param left the least x
 * @param right the greatest x
 * @param low the least y
 * @param high the greatest y
 * @param markX from one mark of the x axis to the next
 * @param markY from one mark of the y axis to the next
 */
record Plane(double left, double right, double low, double high, double markX, double markY) {
    private static final int WIDTH = 300;
    private static final int HEIGHT = 210;
    private static final int LEFT = 34;
    private static final int BOTTOM = HEIGHT - 20;
    private static final int TOP = 8;
    private static final int RIGHT = WIDTH - 8;
    private static final int STEPS = 200;

    /** A function of x. */
    interface Curve {
        double at(double x);
    }

    /** A place. */
    record Spot(double x, double y) {}

    /** @param caption after the title, softer; may be empty */
    Html figure(String title, String caption, Html inside) {
        Html html = new Html();
        html.open("figure", "class", "chart").open("figcaption").text(title + " ");
        html.element("span", caption).close();
        html.open("svg", "viewBox", "0 0 " + WIDTH + " " + HEIGHT, "role", "img");
        html.element("title", title + (caption.isEmpty() ? "" : ": " + caption));
        for (double x : marks(left, right, markX)) {
            html.empty("path", "class", x == 0 ? "axis" : "grid", "d", "M" + x(x) + "," + TOP + "V" + BOTTOM);
            html.element("text", Numbers.brief(x, 3), "class", "x", "x", x(x), "y", "" + (BOTTOM + 14));
        }
        for (double y : marks(low, high, markY)) {
            html.empty("path", "class", y == 0 ? "axis" : "grid", "d", "M" + LEFT + "," + y(y) + "H" + RIGHT);
            html.element(
                    "text",
                    Numbers.brief(y, 3),
                    "class",
                    "y",
                    "x",
                    "" + (LEFT - 4),
                    "y",
                    y(y),
                    "dominant-baseline",
                    "central");
        }
        return html.add(inside).close().close();
    }

    private static List<Double> marks(double from, double to, double apart) {
        List<Double> marks = new ArrayList<>();
        for (long i = Math.round(Math.ceil(from / apart)); i * apart <= to + 1e-9; i++) {
            marks.add(i * apart);
        }
        return marks;
    }

    /** Of a function, what lies inside; where it jumps there is a gap. */
    Html curve(String look, Curve curve) {
        StringBuilder path = new StringBuilder();
        boolean inside = false;
        double before = Double.NaN;
        for (int i = 0; i <= STEPS; i++) {
            double x = left + (right - left) * i / STEPS;
            double y = curve.at(x);
            boolean shown = y >= low && y <= high;
            boolean jumps = Math.abs(y - before) > (high - low) / 4;
            if (shown) {
                path.append(inside && !jumps ? "L" : "M")
                        .append(x(x))
                        .append(',')
                        .append(y(y));
            }
            inside = shown;
            before = y;
        }
        return new Html().empty("path", "class", look, "d", path.toString());
    }

    /** From spot to spot. */
    Html way(String look, List<Spot> spots) {
        StringBuilder path = new StringBuilder();
        for (Spot spot : spots) {
            path.append(path.length() == 0 ? "M" : "L")
                    .append(x(spot.x()))
                    .append(',')
                    .append(y(spot.y()));
        }
        return new Html().empty("path", "class", look, "d", path.toString());
    }

    Html ellipse(String look, double x, double y, double wide, double high) {
        return new Html()
                .empty(
                        "ellipse",
                        "class",
                        look,
                        "fill",
                        "none",
                        "cx",
                        x(x),
                        "cy",
                        y(y),
                        "rx",
                        Numbers.pixel(wide * (RIGHT - LEFT) / (right - left)),
                        "ry",
                        Numbers.pixel(high * (BOTTOM - TOP) / (this.high - low)));
    }

    Html dot(String look, Spot spot, String name) {
        Html html = new Html();
        html.open("circle", "class", look, "cx", x(spot.x()), "cy", y(spot.y()), "r", "3");
        return html.element("title", name).close();
    }

    private String x(double x) {
        return Numbers.pixel(LEFT + (RIGHT - LEFT) * (x - left) / (right - left));
    }

    private String y(double y) {
        return Numbers.pixel(BOTTOM - (BOTTOM - TOP) * (y - low) / (high - low));
    }
}
