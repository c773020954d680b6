package dev.lockstep.jobs.course;

import dev.lockstep.driver.report.MetricsHistory;
import dev.lockstep.driver.report.Series.Point;
import dev.lockstep.driver.report.StepClock;
import dev.lockstep.driver.report.StepCurve;
import dev.lockstep.driver.run.DamagedFileException;
import dev.lockstep.driver.run.MetricsLine;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.run.RunRecord;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.model.objective.Objective;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * What a trial's folder shows, by step.
 *
 * @param status as {@code run.json} has it; {@link #NOT_BEGUN} where there is none
 * @param error what went wrong, or null
 * @param seconds that it took
 * @param parameters the SHA-256 of what it learnt; null where it has not ended
 * @param objective what it was trained for, whose figure the curves are of
 * @param clock when its steps were done
 * @param wholeTrain whether the training curves are of the whole training set, not of each step's batch
 */
record TrialCurves(
        String status,
        String error,
        double seconds,
        String parameters,
        Objective objective,
        boolean wholeTrain,
        StepCurve trainFigure,
        StepCurve trainLoss,
        StepCurve testFigure,
        StepCurve testLoss,
        StepClock clock) {
    static final String NOT_BEGUN = "not begun";

    /** The last so many batches give the last training figure. */
    private static final int LAST_BATCHES = 10;

    /** @throws DataException when its files are damaged */
    static TrialCurves read(RunFolder folder) throws IOException {
        try {
            return of(RunRecord.read(folder), MetricsHistory.read(folder));
        } catch (DamagedFileException e) {
            throw new DataException(e.getMessage(), e);
        }
    }

    /** @param run null when it is not begun */
    private static TrialCurves of(RunRecord run, MetricsHistory history) {
        Objective objective = history.objective();
        String figure = objective.figure();
        StepCurve whole = history.evaluations(MetricsLine.TRAIN, figure);
        boolean none = whole.points().isEmpty();
        return new TrialCurves(
                run == null ? NOT_BEGUN : run.ending().status().word(),
                run == null ? null : run.ending().error(),
                run == null
                        ? Double.NaN
                        : Objects.requireNonNullElse(run.ending().seconds(), Double.NaN),
                run == null ? null : run.product().parametersSha256(),
                objective,
                !none,
                none ? history.steps(figure) : whole,
                none ? history.steps(MetricsLine.LOSS) : history.evaluations(MetricsLine.TRAIN, MetricsLine.LOSS),
                history.evaluations("test", figure),
                history.evaluations("test", MetricsLine.LOSS),
                history.clock());
    }

    boolean isFinished() {
        return status.equals("finished");
    }

    double lastTrainFigure() {
        int kept = wholeTrain ? 1 : LAST_BATCHES;
        List<Point> points = trainFigure.points();
        return points.stream()
                .skip(Math.max(0, points.size() - kept))
                .mapToDouble(Point::y)
                .average()
                .orElse(Double.NaN);
    }

    double lastTestFigure() {
        return last(testFigure);
    }

    double lastTestLoss() {
        return last(testLoss);
    }

    /** The best test figure on the way. */
    double peak() {
        Comparator<Double> order = objective.isMoreBetter() ? Comparator.naturalOrder() : Comparator.reverseOrder();
        return testFigure.points().stream()
                .map(Point::y)
                .filter(Double::isFinite)
                .max(order)
                .orElse(Double.NaN);
    }

    private static double last(StepCurve curve) {
        List<Point> points = curve.points();
        return points.isEmpty() ? Double.NaN : points.get(points.size() - 1).y();
    }
}
