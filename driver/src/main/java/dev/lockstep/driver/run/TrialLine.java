package dev.lockstep.driver.run;

import dev.lockstep.worker.failure.Excerpt;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * A line of {@code trials.jsonl}: how one run of several stands.
 *
 * @param trial its name, and that of its folder below {@code trials/}
 * @param status of its run, or {@code stopped} or {@code resting} in successive halving
 * @param rank from 1; null where it has none
 * @param values what sets it apart from the others, by name
 * @param metric what trials are compared by, or null
 * @param value of the metric, or null
 * @param validation its figures on the validation split, by name; {@code test} likewise
 * @param rung of successive halving, from 0, or null
 * @param stopped why it was ended early, or null
 * @param steps done
 * @param parametersSha256 of one that finished, else null
 * @param exitCode as {@code train} would end, or null
 * @param error what went wrong, or null
 * @param seconds that it took
 * @param examplesPerSecond NaN when unknown
 */
public record TrialLine(
        String trial,
        String status,
        Integer rank,
        Map<String, String> values,
        String metric,
        Double value,
        Map<String, Double> validation,
        Map<String, Double> test,
        Integer rung,
        String stopped,
        long steps,
        String parametersSha256,
        Integer exitCode,
        String error,
        double seconds,
        double examplesPerSecond) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,100}");
    /** Each rung trains at least twice as long as the one before. */
    private static final int LAST_RUNG = Long.SIZE - 1;

    public TrialLine {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** Whether there may be a trial of this name: its folder is below {@code trials/} and nowhere else. */
    public static boolean isName(String name) {
        return name != null && NAME.matcher(name).matches();
    }

    static TrialLine of(StoredJson json) throws DamagedFileException {
        String trial = json.text("trial");
        if (!isName(trial)) {
            throw json.damaged("a trial cannot be called '" + Excerpt.of(trial) + "'");
        }
        Integer rung = json.count("rung");
        if (rung != null && (rung < 0 || rung > LAST_RUNG)) {
            throw json.damaged("rung: expected 0 to " + LAST_RUNG + ", found " + rung);
        }
        return new TrialLine(
                trial,
                Objects.requireNonNullElse(json.text("status"), ""),
                json.count("rank"),
                values(json),
                json.text("metric"),
                json.number("value"),
                json.numbersFrom("validation_"),
                json.numbersFrom("test_"),
                rung,
                json.text("stopped"),
                Objects.requireNonNullElse(json.whole("steps"), 0L),
                json.text("parameters_sha256"),
                json.count("exit_code"),
                json.text("error"),
                Objects.requireNonNullElse(json.number("seconds"), 0.0),
                Objects.requireNonNullElse(json.number("examples_per_second"), Double.NaN));
    }

    /** The course once wrote what sets its trials apart beside everything else. */
    private static Map<String, String> values(StoredJson json) throws DamagedFileException {
        String variant = json.text("variant");
        return variant == null
                ? json.texts("values")
                : Map.of("variant", variant, "seed", String.valueOf(json.whole("seed")));
    }

    /** One line of JSON, without its end. */
    String json() {
        return StoredJson.line(facts());
    }

    /** The fields of the line by their names there. */
    public Map<String, Object> facts() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("trial", trial);
        facts.put("status", status);
        facts.put("rank", rank);
        facts.put("values", values);
        facts.put("metric", metric);
        facts.put("value", value);
        figures(facts, "validation_", validation);
        figures(facts, "test_", test);
        facts.put("rung", rung);
        facts.put("stopped", stopped);
        facts.put("steps", steps);
        facts.put("parameters_sha256", parametersSha256);
        facts.put("exit_code", exitCode);
        facts.put("error", error);
        facts.put("seconds", seconds);
        facts.put("examples_per_second", examplesPerSecond);
        return facts;
    }

    /** Accuracy and loss are always there, null for none. */
    private static void figures(Map<String, Object> facts, String split, Map<String, Double> figures) {
        for (String always : List.of(MetricsLine.ACCURACY, MetricsLine.LOSS)) {
            facts.put(split + always, null);
        }
        figures.forEach((name, figure) -> facts.put(split + name, figure));
    }
}
