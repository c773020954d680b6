package dev.lockstep.driver.run;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.lockstep.driver.evaluate.Spread;
import dev.lockstep.worker.failure.Excerpt;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * A line of {@code histograms.jsonl}: how the values of one layer are spread after so many steps.
 *
 * @param step optimizer steps done, from 0
 * @param layer its name
 * @param what one of {@link #KINDS}
 */
public record HistogramLine(long step, String layer, String what, Spread spread) {
    public static final String FILE = "histograms.jsonl";
    public static final String WEIGHTS = "weights";
    public static final String ACTIVATIONS = "activations";
    public static final String GRADIENTS = "gradients";
    /** What there is of a layer. */
    public static final List<String> KINDS = List.of(WEIGHTS, ACTIVATIONS, GRADIENTS);

    private static final int SCHEMA = 1;
    /** A histogram of more bins is none of ours. */
    private static final int MOST_BINS = 1000;

    /**
     * Reads the lines of a run, one after the other, none when it keeps no histograms; a last line that was cut short is left
     * out.
     *
     * @throws DamagedFileException when another is not one of ours
     */
    public static void read(RunFolder folder, Consumer<HistogramLine> reader) throws IOException {
        LineFile.read(folder, FILE, json -> reader.accept(of(json)));
    }

    static HistogramLine of(StoredJson json) throws DamagedFileException {
        Integer schema = json.count("schema");
        if (schema != null && schema != SCHEMA) {
            throw json.damaged("expected lines of schema " + SCHEMA + ", found " + schema);
        }
        String what = json.text("what");
        String layer = json.text("layer");
        if (layer == null || what == null || !KINDS.contains(what)) {
            throw json.damaged("expected a layer and what of it, one of " + KINDS + ", found " + Excerpt.of(layer)
                    + " and " + Excerpt.of(what));
        }
        Stored stored = json.as(Stored.class);
        long[] counts = Objects.requireNonNullElse(stored.counts(), new long[0]);
        boolean rising = // NaN is neither
                -Float.MAX_VALUE <= stored.low() && stored.low() <= stored.high() && stored.high() <= Float.MAX_VALUE;
        if (counts.length == 0
                || counts.length > MOST_BINS
                || Arrays.stream(counts).anyMatch(count -> count < 0)
                || !rising && Arrays.stream(counts).anyMatch(count -> count > 0)) {
            throw json.damaged("expected counts of values between low and high, found " + counts.length + " from "
                    + stored.low() + " to " + stored.high());
        }
        return new HistogramLine(
                Objects.requireNonNullElse(json.whole("step"), 0L),
                layer,
                what,
                new Spread(stored.low(), stored.high(), counts, stored.mean(), stored.deviation(), stored.notFinite()));
    }

    /** The part of a line that is the spread; what is missing is null or 0. */
    private record Stored(
            double low,
            double high,
            long[] counts,
            double mean,
            double deviation,
            @JsonProperty("not_finite") long notFinite) {}

    /** One line of JSON, without its end. */
    String json() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("schema", SCHEMA);
        fields.put("step", step);
        fields.put("layer", layer);
        fields.put("what", what);
        fields.put("low", spread.low());
        fields.put("high", spread.high());
        fields.put("mean", spread.mean());
        fields.put("deviation", spread.deviation());
        fields.put("not_finite", spread.notFinite());
        fields.put("counts", spread.counts());
        return StoredJson.line(fields);
    }
}
