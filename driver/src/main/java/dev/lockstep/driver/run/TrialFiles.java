package dev.lockstep.driver.run;

import dev.lockstep.worker.model.objective.Objective;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * {@code trials.jsonl} and {@code summary.csv} of a folder with several runs: how they stand, a line each, in their
 * order; each file is rewritten whole.
 */
public final class TrialFiles {
    public static final String TRIALS = "trials.jsonl";
    public static final String SUMMARY = "summary.csv";

    private TrialFiles() {}

    /**
     * Writes both files.
     *
     * @param shown columns of {@code summary.csv}: names of fields and of values; the {@link #figures} follow
     */
    public static void write(RunFolder folder, List<String> shown, List<TrialLine> trials) throws IOException {
        List<String> columns = new ArrayList<>(shown);
        columns.addAll(figures(trials));
        StringBuilder lines = new StringBuilder();
        StringBuilder table = new StringBuilder(Csv.row(columns));
        for (TrialLine trial : trials) {
            lines.append(trial.json()).append('\n');
            table.append(Csv.row(cells(trial, columns)));
        }
        folder.write(TRIALS, lines.toString());
        folder.write(SUMMARY, table.toString());
    }

    /**
     * The lines of {@code trials.jsonl}; none when the folder has no such file.
     *
     * @throws DamagedFileException when a line is not one of ours
     */
    public static List<TrialLine> read(RunFolder folder) throws IOException {
        byte[] bytes = folder.read(TRIALS);
        List<TrialLine> trials = new ArrayList<>();
        if (bytes != null) {
            String place = folder.path(TRIALS).toString();
            for (String line : new String(bytes, StandardCharsets.UTF_8).lines().toList()) {
                trials.add(TrialLine.of(StoredJson.of(place, line)));
            }
        }
        return trials;
    }

    /** The columns that trials have beyond accuracy and loss where they are no classifiers: {@code test_rmse}, ... */
    public static List<String> figures(List<TrialLine> trials) {
        Set<String> columns = new LinkedHashSet<>();
        for (TrialLine trial : trials) {
            columns(columns, "validation_", trial.validation());
            columns(columns, "test_", trial.test());
        }
        return List.copyOf(columns);
    }

    private static void columns(Set<String> columns, String split, Map<String, Double> figures) {
        if (Objective.ofFigures(figures.keySet()) != Objective.CLASSIFICATION) {
            figures.keySet().stream()
                    .filter(name -> !name.equals(MetricsLine.LOSS))
                    .forEach(name -> columns.add(split + name));
        }
    }

    /** A trial's row of a table; empty where it has nothing. */
    public static List<String> cells(TrialLine trial, List<String> columns) {
        Map<String, Object> facts = new HashMap<>(trial.facts());
        facts.putAll(trial.values());
        return columns.stream().map(column -> cell(column, facts.get(column))).toList();
    }

    private static String cell(String column, Object value) {
        if (value instanceof Double number && column.equals("seconds")) {
            return String.format(Locale.ROOT, "%.3f", number);
        }
        if (value instanceof Double number && column.equals("examples_per_second")) {
            return String.format(Locale.ROOT, "%.1f", number);
        }
        return value == null ? "" : value.toString();
    }
}
