package dev.lockstep.driver.report;

import dev.lockstep.driver.evaluate.Calibration;
import dev.lockstep.driver.evaluate.Scores;
import dev.lockstep.driver.report.Series.Point;
import dev.lockstep.driver.run.MetricsLine;
import dev.lockstep.worker.model.objective.Objective;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What a reader of a run's curves and tables would see, in sentences.
 *
 * @param evaluation null when there is none
 */
record Findings(MetricsHistory history, Evaluation evaluation) {
    /** As many of the last steps tell how well the training examples are known. */
    private static final int LAST_STEPS = 50;
    /** A difference of accuracy that is worth a word. */
    private static final double GAP = 0.05;

    private static final double SMALL = 0.005;

    List<String> sentences() {
        List<String> found = new ArrayList<>();
        Objective objective = history.objective();
        best(found, objective);
        if (objective == Objective.CLASSIFICATION) {
            gap(found);
        }
        if (evaluation != null && evaluation.scores().classes() > 0) {
            confusion(found, evaluation.scores());
        }
        if (evaluation != null && evaluation.calibration() != null) {
            calibration(found, evaluation.calibration());
        }
        return found;
    }

    private void best(List<String> found, Objective objective) {
        String figure = objective.figure();
        List<Point> test = history.evaluations("test", figure).points().stream()
                .filter(point -> Double.isFinite(point.y()))
                .toList();
        Comparator<Point> byValue = Comparator.comparingDouble(Point::y);
        test.stream()
                .max(objective.isMoreBetter() ? byValue : byValue.reversed())
                .ifPresent(best -> {
                    Point last = test.get(test.size() - 1);
                    if (best.x() < last.x() && Math.abs(best.y() - last.y()) > SMALL * Math.abs(best.y())) {
                        found.add("The best test %s on the way was %s, after %s steps."
                                .formatted(
                                        Figures.name(figure),
                                        Figures.value(figure, best.y()),
                                        Numbers.whole(best.x())));
                    }
                });
    }

    private void gap(List<String> found) {
        List<Point> test = history.evaluations("test", MetricsLine.ACCURACY).points();
        List<Point> whole =
                history.evaluations(MetricsLine.TRAIN, MetricsLine.ACCURACY).points();
        List<Point> steps = history.steps(MetricsLine.ACCURACY).points();
        double train = whole.isEmpty()
                ? steps.subList(Math.max(0, steps.size() - LAST_STEPS), steps.size()).stream()
                        .mapToDouble(Point::y)
                        .filter(Double::isFinite)
                        .average()
                        .orElse(Double.NaN)
                : whole.get(whole.size() - 1).y();
        double tested = test.isEmpty() ? Double.NaN : test.get(test.size() - 1).y();
        if (train - tested > GAP) {
            found.add("It knows its training examples better (%s) than new ones (%s): it overfits."
                    .formatted(Numbers.percent(train), Numbers.percent(tested)));
        }
    }

    private void confusion(List<String> found, Scores scores) {
        int actual = -1;
        int predicted = -1;
        long most = 0;
        for (int i = 0; i < scores.classes(); i++) {
            for (int j = 0; j < scores.classes(); j++) {
                if (i != j && scores.confusion()[i][j] > most) {
                    most = scores.confusion()[i][j];
                    actual = i;
                    predicted = j;
                }
            }
        }
        if (most > 0) {
            List<String> names = evaluation.classes();
            found.add("Its most frequent mistake: %s taken for %s, %s of %s."
                    .formatted(
                            names.get(actual),
                            names.get(predicted),
                            Numbers.whole(most),
                            Numbers.whole(scores.support(actual))));
        }
    }

    private static void calibration(List<String> found, Calibration calibration) {
        double error = calibration.error();
        if (Double.isFinite(error)) {
            found.add(
                    error < GAP
                            ? "It is right about as often as it is sure (%s apart in the mean)."
                                    .formatted(Numbers.percent(error))
                            : "How sure it is and how often it is right are %s apart in the mean."
                                    .formatted(Numbers.percent(error)));
        }
    }
}
