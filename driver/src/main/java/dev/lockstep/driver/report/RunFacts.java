package dev.lockstep.driver.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What {@code run.json} says of a run: how it stands, its figures, and everything else there.
 *
 * @param run fields may be missing
 */
record RunFacts(JsonNode run) {
    /** Shown first, in this order; fields that are not here follow, so that none is lost. */
    private static final List<String> ORDER = List.of(
            "error",
            "run_id",
            "command",
            "version",
            "seed",
            "shards",
            "tasks",
            "batch_size",
            "parameters",
            "spark_master",
            "spark_application_id",
            "started",
            "finished",
            "exit_code",
            "parameters_sha256",
            "optimizer_sha256");

    private static final Set<String> IN_TILES =
            Set.of("status", "steps", "epochs", "examples_per_second", "test_accuracy", "test_loss");
    /** Values of more characters than this get a line of their own. */
    private static final int LONG = 24;

    String status() {
        return run.path("status").asText("unknown");
    }

    /** The status as a word and a sign, for those who do not see its colour. */
    Html badge() {
        String sign =
                switch (status()) {
                    case "finished" -> "✓";
                    case "running" -> "…";
                    case "failed", "diverged" -> "✗";
                    case "interrupted" -> "⏸\uFE0E";
                    default -> "?";
                };
        String kind = sign.equals("?") ? "unknown" : status();
        return new Html().element("span", sign + " " + status(), "class", "badge " + kind);
    }

    /** @param evaluation null when there is none; it stands in for figures that the run has not written yet */
    Html tiles(Evaluation evaluation) {
        boolean tested = evaluation != null && evaluation.split().equals("test");
        double accuracy = tested ? evaluation.scores().accuracy() : Double.NaN;
        double loss = tested ? evaluation.scores().loss() : Double.NaN;
        Html html = new Html().open("dl", "class", "tiles");
        tile(html, "test accuracy", Numbers.percent(run.path("test_accuracy").asDouble(accuracy)));
        tile(html, "test loss", Numbers.decimal(run.path("test_loss").asDouble(loss)));
        tile(html, "steps", Numbers.whole(number("steps")));
        tile(html, "epochs", Numbers.brief(number("epochs")));
        tile(html, "examples/s", Numbers.whole(number("examples_per_second")));
        tile(html, "duration", duration());
        return html.close();
    }

    Html details() {
        List<String> names = new ArrayList<>(ORDER);
        Set<String> others = new TreeSet<>();
        run.fieldNames().forEachRemaining(others::add);
        others.removeAll(ORDER);
        others.removeAll(IN_TILES);
        names.addAll(others);
        Html html = new Html().open("dl", "class", "facts");
        for (String name : names) {
            JsonNode value = run.path(name);
            if (!value.isMissingNode() && !value.isNull()) {
                String text = text(name, value);
                html.open("div", "class", text.length() > LONG ? "long" : null);
                html.element("dt", name.replace('_', ' ')).element("dd", text).close();
            }
        }
        return html.close();
    }

    static void tile(Html html, String name, String value) {
        html.open("div").element("dt", name).element("dd", value).close();
    }

    private static String text(String name, JsonNode value) {
        if (value.isIntegralNumber() && !name.equals("seed")) {
            return Numbers.whole(value.asLong());
        }
        if (name.equals("started") || name.equals("finished")) {
            return time(value.asText());
        }
        return value.isValueNode() ? value.asText() : value.toString();
    }

    private static String time(String instant) {
        try {
            return Instant.parse(instant)
                    .truncatedTo(ChronoUnit.SECONDS)
                    .toString()
                    .replace('T', ' ')
                    .replace("Z", " UTC");
        } catch (DateTimeException e) {
            return instant;
        }
    }

    private double number(String name) {
        return run.path(name).asDouble(Double.NaN);
    }

    private String duration() {
        try {
            Instant started = Instant.parse(run.path("started").asText());
            Instant finished = Instant.parse(run.path("finished").asText());
            return Numbers.duration(Duration.between(started, finished));
        } catch (DateTimeException e) {
            return Numbers.NONE;
        }
    }
}
