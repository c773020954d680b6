package dev.lockstep.driver.report;

import dev.lockstep.driver.run.DamagedFileException;
import dev.lockstep.driver.run.HistogramLine;
import dev.lockstep.driver.run.RunFolder;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the lines of a run's {@code histograms.jsonl} say, in memory that does not grow with their number. */
final class LayerHistory {
    /** Of a layer; fewer are drawn. */
    private static final int MOST_LINES = 64;

    /** Of one layer, by step. */
    private record Layer(EvenSample<HistogramLine> lines, GrowingCurve deviation) {}

    private final Map<String, Map<String, Layer>> layers = new LinkedHashMap<>(); // by what of them, then by name

    /**
     * Of a run; nothing where it keeps no histograms.
     *
     * @throws DamagedFileException when a line is not one of ours
     */
    static LayerHistory read(RunFolder folder) throws IOException {
        LayerHistory history = new LayerHistory();
        HistogramLine.read(folder, history::add);
        return history;
    }

    void add(HistogramLine line) {
        Layer layer = layers.computeIfAbsent(line.what(), none -> new LinkedHashMap<>())
                .computeIfAbsent(line.layer(), none -> new Layer(new EvenSample<>(MOST_LINES), new GrowingCurve()));
        layer.lines().add(line);
        layer.deviation().add(line.step(), line.spread().deviation());
    }

    boolean isEmpty() {
        return layers.isEmpty();
    }

    /** By layer, some of its lines, the first and the last among them. */
    Map<String, List<HistogramLine>> some(String what) {
        Map<String, List<HistogramLine>> some = new LinkedHashMap<>();
        of(what).forEach((name, layer) -> some.put(name, layer.lines().list()));
        return some;
    }

    /** By layer, the standard deviation by step. */
    Map<String, StepCurve> deviations(String what) {
        Map<String, StepCurve> deviations = new LinkedHashMap<>();
        of(what).forEach((name, layer) -> deviations.put(name, layer.deviation().curve()));
        return deviations;
    }

    private Map<String, Layer> of(String what) {
        return layers.getOrDefault(what, Map.of());
    }
}
