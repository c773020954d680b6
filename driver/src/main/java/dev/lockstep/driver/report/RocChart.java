package dev.lockstep.driver.report;

import static dev.lockstep.driver.report.UnitSquare.right;
import static dev.lockstep.driver.report.UnitSquare.up;

import dev.lockstep.driver.evaluate.Roc;

/**
 * Two classes: what is found of the second, for every threshold, over what it costs.
 *
 * @param positive the name of the second class
 */
record RocChart(Roc roc, String positive) {

    /** Two figures. */
    Html figures() {
        double guessed = roc.precision()[roc.precision().length - 1]; // where all are taken for positive
        return new Html()
                .add(chart(
                        "ROC, area " + Numbers.decimal(roc.area()),
                        "negatives that are taken for " + positive,
                        "of all " + positive + ", found",
                        0,
                        1,
                        roc.fallout(),
                        roc.found()))
                .add(chart(
                        "Precision and recall",
                        "of all " + positive + ", found (recall)",
                        "of what is taken for " + positive + ", right (precision)",
                        guessed,
                        guessed,
                        roc.found(),
                        roc.precision()));
    }

    /** @param from where chance is at the left; {@code to} at the right */
    private static Html chart(String title, String x, String y, double from, double to, double[] xs, double[] ys) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < xs.length; i++) {
            line.append(i == 0 ? "M" : "L").append(right(xs[i])).append(',').append(up(ys[i]));
        }
        Html inside = new Html();
        inside.empty("path", "class", "axis d1", "d", "M" + right(0) + "," + up(from) + "L" + right(1) + "," + up(to));
        inside.empty("path", "class", "c0", "d", line.toString());
        return new UnitSquare(title, title + ": " + y + ", over " + x, x, y, inside).figure();
    }
}
