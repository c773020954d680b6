package dev.lockstep.driver.report;

import dev.lockstep.driver.evaluate.Calibration;

/** How often a classifier is right, over how sure it is: on the diagonal, as often as it says. */
record CalibrationChart(Calibration calibration) {
    private static final int SIDE = 240;
    private static final int LEFT = 44;
    private static final int TOP = 10;
    private static final int BOTTOM = TOP + SIDE;
    private static final int WIDTH = LEFT + SIDE + 20;

    Html figure() {
        Html html = new Html();
        html.open("figure", "class", "chart", "style", "max-width:460px").element("figcaption", "Calibration");
        html.open("svg", "viewBox", "0 0 " + WIDTH + " " + (BOTTOM + 40), "role", "img");
        html.element("title", "How often it is right, over how sure it is");
        for (int percent = 0; percent <= 100; percent += 25) {
            String x = at(LEFT + SIDE * percent / 100.0);
            String y = at(BOTTOM - SIDE * percent / 100.0);
            html.empty(
                    "path", "class", "grid", "d", "M" + LEFT + "," + y + "h" + SIDE + "M" + x + "," + TOP + "v" + SIDE);
            html.element("text", percent + " %", "class", "x", "x", x, "y", at(BOTTOM + 16));
            html.element(
                    "text", percent + " %", "class", "y", "x", at(LEFT - 4), "y", y, "dominant-baseline", "central");
        }
        html.empty("path", "class", "axis d1", "d", "M" + LEFT + "," + BOTTOM + "l" + SIDE + ",-" + SIDE);
        StringBuilder line = new StringBuilder();
        Html dots = new Html();
        for (int bin = 0; bin < calibration.examples().length; bin++) {
            if (calibration.examples()[bin] == 0) {
                continue;
            }
            double sure = calibration.confidence()[bin];
            double right = calibration.accuracy()[bin];
            String x = at(LEFT + SIDE * sure);
            String y = at(BOTTOM - SIDE * right);
            line.append(line.length() == 0 ? "M" : "L").append(x).append(',').append(y);
            dots.open("circle", "class", "c0", "cx", x, "cy", y, "r", "4");
            dots.element(
                            "title",
                            "sure by %s, right in %s of %s examples"
                                    .formatted(
                                            Numbers.percent(sure),
                                            Numbers.percent(right),
                                            Numbers.whole(calibration.examples()[bin])))
                    .close();
        }
        html.empty("path", "class", "c0", "d", line.toString()).add(dots);
        html.element("text", "how sure", "class", "x", "x", at(LEFT + SIDE / 2.0), "y", at(BOTTOM + 34));
        return html.close().close();
    }

    private static String at(double pixel) {
        return Numbers.brief(Math.round(10 * pixel) / 10.0, 5);
    }
}
