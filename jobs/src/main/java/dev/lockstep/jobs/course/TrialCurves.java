package dev.lockstep.jobs.course;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.lockstep.driver.report.MetricCharts;
import dev.lockstep.driver.report.Series.Point;
import dev.lockstep.driver.run.MetricsLog;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.run.RunRecord;
import dev.lockstep.driver.run.StoredJson;
import dev.lockstep.worker.failure.DataException;
import java.io.IOException;
import java.util.List;

/**
 * What a trial's folder shows, by step.
 *
 * @param status as {@code run.json} has it; "not begun" where there is none
 * @param error what went wrong, or null
 * @param seconds that it took
 * @param wholeTrain whether the training curves are of the whole training set, not of each step's batch
 */
record TrialCurves(
        String status,
        String error,
        double seconds,
        boolean wholeTrain,
        List<Point> trainAccuracy,
        List<Point> trainLoss,
        List<Point> testAccuracy,
        List<Point> testLoss) {
    /** The last so many batches give the last training accuracy. */
    private static final int LAST_BATCHES = 10;

    /** @throws DataException when its files are damaged */
    static TrialCurves read(RunFolder folder) throws IOException {
        try {
            JsonNode run = RunRecord.read(folder);
            return of(run == null ? MissingNode.getInstance() : run, MetricsLog.read(folder));
        } catch (JsonProcessingException e) {
            throw new DataException(
                    folder.path() + ": its " + RunRecord.FILE + " or " + MetricsLog.FILE + " is damaged: "
                            + StoredJson.reason(e),
                    e);
        }
    }

    private static TrialCurves of(JsonNode run, List<JsonNode> lines) {
        List<Point> whole = MetricCharts.evaluations(lines, "train", "accuracy");
        return new TrialCurves(
                run.path("status").asText("not begun"),
                run.path("error").asText(null),
                run.path("seconds").asDouble(Double.NaN),
                !whole.isEmpty(),
                whole.isEmpty() ? MetricCharts.points(lines, "train", "accuracy") : whole,
                whole.isEmpty()
                        ? MetricCharts.points(lines, "train", "loss")
                        : MetricCharts.evaluations(lines, "train", "loss"),
                MetricCharts.points(lines, "test", "accuracy"),
                MetricCharts.points(lines, "test", "loss"));
    }

    boolean isFinished() {
        return status.equals("finished");
    }

    double lastTrainAccuracy() {
        int kept = wholeTrain ? 1 : LAST_BATCHES;
        return trainAccuracy.stream()
                .skip(Math.max(0, trainAccuracy.size() - kept))
                .mapToDouble(Point::y)
                .average()
                .orElse(Double.NaN);
    }

    double lastTestAccuracy() {
        return last(testAccuracy);
    }

    double lastTestLoss() {
        return last(testLoss);
    }

    double peak() {
        return testAccuracy.stream()
                .mapToDouble(Point::y)
                .filter(Double::isFinite)
                .max()
                .orElse(Double.NaN);
    }

    private static double last(List<Point> points) {
        return points.isEmpty() ? Double.NaN : points.get(points.size() - 1).y();
    }
}
