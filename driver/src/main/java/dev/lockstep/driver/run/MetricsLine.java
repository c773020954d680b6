package dev.lockstep.driver.run;

import dev.lockstep.worker.failure.Excerpt;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A line of {@code metrics.jsonl}: what one optimizer step showed of its batch, or one look at all of a split.
 *
 * @param time when it was written
 * @param epoch from 0: the epoch that the step belongs to
 * @param step optimizer steps done, from 1
 * @param split {@code train}, {@code validation} or {@code test}
 * @param ofStep whether it is of a step, not of a look at a split
 * @param figures what was measured, by name: the loss, then the objective's metrics, then what only steps have
 * @param layerGradientNorms by layer; empty for a look at a split
 */
public record MetricsLine(
        String time,
        int epoch,
        long step,
        String split,
        boolean ofStep,
        Map<String, Double> figures,
        Map<String, Double> layerGradientNorms) {
    public static final String TRAIN = "train";
    public static final String LOSS = "loss";
    public static final String ACCURACY = "accuracy";
    public static final String LEARNING_RATE = "learning_rate";
    public static final String EXAMPLES_PER_SECOND = "examples_per_second";
    public static final String EXCHANGE_FRACTION = "exchange_fraction";
    public static final String GRADIENT_NORM = "gradient_norm";

    private static final int SCHEMA = 1;
    private static final Set<String> SPLITS = Set.of(TRAIN, "validation", "test");
    /** Every line has these, and null where there is no such figure. */
    private static final List<String> ALWAYS =
            List.of(LOSS, ACCURACY, LEARNING_RATE, EXAMPLES_PER_SECOND, EXCHANGE_FRACTION, GRADIENT_NORM);

    private static final Set<String> NO_FIGURES = Set.of("schema", "time", "epoch", "step", "split");

    public MetricsLine {
        figures = Collections.unmodifiableMap(new LinkedHashMap<>(figures));
        layerGradientNorms = Collections.unmodifiableMap(new LinkedHashMap<>(layerGradientNorms));
    }

    static MetricsLine of(StoredJson json) throws DamagedFileException {
        Integer schema = json.count("schema");
        if (schema != null && schema != SCHEMA) {
            throw json.damaged("expected lines of schema " + SCHEMA + ", found " + schema);
        }
        String split = json.text("split");
        if (split == null || !SPLITS.contains(split)) {
            throw json.damaged("split: expected train, validation or test, found " + Excerpt.of(split));
        }
        for (String figure : ALWAYS) {
            json.number(figure);
        }
        Map<String, Double> figures = json.numbersFrom("");
        figures.keySet().removeAll(NO_FIGURES);
        return new MetricsLine(
                json.text("time"),
                Objects.requireNonNullElse(json.count("epoch"), 0),
                Objects.requireNonNullElse(json.whole("step"), 0L),
                split,
                split.equals(TRAIN) && !json.isNull(LEARNING_RATE),
                figures,
                json.numbers("layer_gradient_norms"));
    }

    /** One line of JSON, without its end. */
    String json() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("schema", SCHEMA);
        fields.put("time", time);
        fields.put("epoch", epoch);
        fields.put("step", step);
        fields.put("split", split);
        fields.put(LOSS, figures.get(LOSS));
        fields.put(ACCURACY, figures.get(ACCURACY));
        figures.forEach((name, value) -> {
            if (!ALWAYS.contains(name)) {
                fields.put(name, value);
            }
        });
        ALWAYS.forEach(name -> fields.put(name, figures.get(name)));
        if (ofStep) {
            fields.put("layer_gradient_norms", layerGradientNorms);
        }
        return StoredJson.line(fields);
    }

    /** NaN for what was not measured. */
    public double figure(String name) {
        return figures.getOrDefault(name, Double.NaN);
    }
}
