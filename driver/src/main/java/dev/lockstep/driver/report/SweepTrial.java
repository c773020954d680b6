package dev.lockstep.driver.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lockstep.driver.report.Series.Point;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A line of a sweep's {@code trials.jsonl}, with the trial's curves.
 *
 * @param rank from 1; 0 for a trial that has none
 * @param values by swept key
 * @param value what trials are compared by; NaN for a trial that has none
 * @param loss evaluations, by step, of the split that trials are compared by; {@code accuracy} likewise
 */
record SweepTrial(
        String name,
        String status,
        int rank,
        Map<String, String> values,
        double value,
        JsonNode line,
        List<Point> loss,
        List<Point> accuracy) {

    /** @param metrics the trial's {@code metrics.jsonl} */
    static SweepTrial of(JsonNode line, List<JsonNode> metrics) {
        Map<String, String> values = new LinkedHashMap<>();
        line.path("values")
                .fields()
                .forEachRemaining(
                        field -> values.put(field.getKey(), field.getValue().asText()));
        String split = line.path("metric").asText().split("-")[0];
        return new SweepTrial(
                line.path("trial").asText(),
                line.path("status").asText(),
                line.path("rank").asInt(),
                values,
                line.path("value").asDouble(Double.NaN),
                line,
                MetricCharts.evaluations(metrics, split, "loss"),
                MetricCharts.evaluations(metrics, split, "accuracy"));
    }

    boolean isRanked() {
        return rank > 0;
    }

    double number(String field) {
        return line.path(field).asDouble(Double.NaN);
    }

    /** Why it has no figure, or was stopped; empty when there is nothing to say. */
    String remark() {
        return line.path("error").asText("") + line.path("stopped").asText("");
    }

    /** {@code key=value key=value}, keys without what comes before their last dot. */
    String title() {
        List<String> parts = new ArrayList<>();
        values.forEach((key, text) -> parts.add(key.substring(key.lastIndexOf('.') + 1) + "=" + text));
        return name + " " + String.join(" ", parts);
    }
}
