package dev.lockstep.driver.report;

import dev.lockstep.driver.run.MetricsLine;
import dev.lockstep.driver.run.RunRecord;
import dev.lockstep.driver.run.RunRecord.Status;
import dev.lockstep.driver.run.StoredJson;
import dev.lockstep.worker.model.objective.Objective;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a file says of a run or a sweep: how it stands, and everything else there.
 *
 * @param facts by name
 */
record RunFacts(Status status, Map<String, Object> facts) {
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

    private static final Set<String> IN_TILES = Set.of("status", "steps", "epochs", "examples_per_second");
    /** Values of more characters than this get a line of their own. */
    private static final int LONG = 24;
    /** Enough to tell two hashes apart by eye. */
    private static final int HASH_BEGINS = 12;

    /** The status as a word and a sign, for those who do not see its colour. */
    Html badge() {
        String sign =
                switch (status) {
                    case FINISHED -> "✓";
                    case RUNNING -> "…";
                    case FAILED, DIVERGED -> "✗";
                    case INTERRUPTED -> "⏸\uFE0E";
                    case UNKNOWN -> "?";
                };
        return new Html().element("span", sign + " " + status.word(), "class", "badge " + status.word());
    }

    /**
     * What a run shows on the test split, by name: the objective's own figure first and the loss last, NaN for none; of
     * another objective than classification, which has many, all its figures between.
     *
     * @param evaluation null when there is none; it stands in for figures that the run has not written yet
     */
    static Map<String, Double> tested(Objective objective, RunRecord run, Evaluation evaluation) {
        Map<String, Double> test = new LinkedHashMap<>(run.product().test());
        if (evaluation != null && evaluation.split().equals("test")) {
            evaluation.scores().figures().forEach(test::putIfAbsent);
            test.putIfAbsent(MetricsLine.LOSS, evaluation.scores().loss());
        }
        Double loss = test.remove(MetricsLine.LOSS);
        if (test.containsKey(MetricCharts.RETURN)) { // of one who acts, who has no objective but that
            return test;
        }
        Map<String, Double> tested = new LinkedHashMap<>();
        tested.put(objective.figure(), test.getOrDefault(objective.figure(), Double.NaN));
        if (objective != Objective.CLASSIFICATION) {
            test.forEach(tested::putIfAbsent);
        }
        tested.put(MetricsLine.LOSS, number(loss));
        return tested;
    }

    /** @param tested of the test split, by name */
    static Html tiles(RunRecord run, Map<String, Double> tested) {
        Html html = new Html().open("dl", "class", "tiles");
        tested.forEach((figure, value) -> tile(html, "test " + Figures.name(figure), Figures.value(figure, value)));
        tile(html, "steps", Numbers.whole(number(run.progress().steps())));
        tile(html, "epochs", Numbers.brief(number(run.progress().epochs())));
        tile(html, "examples/s", Numbers.whole(number(run.progress().examplesPerSecond())));
        tile(html, "duration", duration(run.identity().started(), run.ending().finished()));
        return html.close();
    }

    Html details() {
        Set<String> others = new TreeSet<>(facts.keySet());
        ORDER.forEach(others::remove);
        others.removeAll(IN_TILES);
        List<String> names = new ArrayList<>(ORDER);
        names.addAll(others);
        Html html = new Html().open("dl", "class", "facts");
        for (String name : names) {
            Object value = facts.get(name);
            if (value != null) {
                String text = text(name, value);
                html.open("div", "class", text.length() > LONG && !isHash(name) ? "long" : null);
                html.element("dt", label(name)).open("dd");
                value(html, name, text);
                html.close().close();
            }
        }
        return html.close();
    }

    private static boolean isHash(String name) {
        return name.endsWith("sha256") || name.equals("run_id");
    }

    /** Of a hash its beginning, with the whole at hand. */
    private static void value(Html html, String name, String text) {
        if (isHash(name) && text.length() > HASH_BEGINS) {
            hash(html, text);
        } else {
            html.text(text);
        }
    }

    static void hash(Html html, String hash) {
        html.copyable(hash.substring(0, Math.min(HASH_BEGINS, hash.length())) + "…", hash);
    }

    static void tile(Html html, String name, String value) {
        html.open("div").element("dt", name).element("dd", value).close();
    }

    /** Of a time without its unit, which stands behind the value. */
    private static String label(String name) {
        return Figures.name(name.replaceFirst("_?seconds$", "_time").replaceFirst("^_", ""));
    }

    private static String text(String name, Object value) {
        if (name.endsWith("seconds") && value instanceof Number seconds) {
            return duration(seconds);
        }
        if (value instanceof Double figure) {
            return Figures.value(name.replaceFirst("^test_", ""), figure);
        }
        if (value instanceof Boolean truth) {
            return truth ? "yes" : "no";
        }
        if (value instanceof Integer || value instanceof Long && !name.equals("seed")) {
            return Numbers.whole(((Number) value).longValue());
        }
        if (name.equals("started") || name.equals("finished")) {
            return time(value.toString());
        }
        return value instanceof Iterable ? StoredJson.line(value) : value.toString();
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

    /** NaN for null. */
    static double number(Number value) {
        return value == null ? Double.NaN : value.doubleValue();
    }

    /** Of seconds, in words; null for none. */
    static String duration(Number seconds) {
        return seconds == null || !Double.isFinite(seconds.doubleValue())
                ? Numbers.NONE
                : Numbers.duration(Duration.ofMillis(Math.round(1000 * seconds.doubleValue())));
    }

    private static String duration(String started, String finished) {
        if (started == null || finished == null) {
            return Numbers.NONE;
        }
        try {
            return Numbers.duration(Duration.between(Instant.parse(started), Instant.parse(finished)));
        } catch (DateTimeException e) {
            return Numbers.NONE;
        }
    }
}
