package dev.lockstep.driver.report;

import static dev.lockstep.driver.report.UnitSquare.right;
import static dev.lockstep.driver.report.UnitSquare.up;

import dev.lockstep.driver.evaluate.Calibration;

/** How often a classifier is right, over how sure it is: on the diagonal, as often as it says. */
record CalibrationChart(Calibration calibration) {

    Html figure() {
        StringBuilder line = new StringBuilder();
        Html dots = new Html();
        for (int bin = 0; bin < calibration.examples().length; bin++) {
            if (calibration.examples()[bin] == 0) {
                continue;
            }
            double sure = calibration.confidence()[bin];
            double right = calibration.accuracy()[bin];
            line.append(line.length() == 0 ? "M" : "L")
                    .append(right(sure))
                    .append(',')
                    .append(up(right));
            dots.open("circle", "class", "c0", "cx", right(sure), "cy", up(right), "r", "4");
            dots.element(
                            "title",
                            "sure by %s, right in %s of %s examples"
                                    .formatted(
                                            Numbers.percent(sure),
                                            Numbers.percent(right),
                                            Numbers.whole(calibration.examples()[bin])))
                    .close();
        }
        Html inside = new Html();
        inside.empty("path", "class", "axis d1", "d", "M" + right(0) + "," + up(0) + "L" + right(1) + "," + up(1));
        inside.empty("path", "class", "c0", "d", line.toString()).add(dots);
        return new UnitSquare("Calibration", "How often it is right, over how sure it is", "how sure", "right", inside)
                .figure();
    }
}
