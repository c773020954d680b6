package dev.lockstep.driver.sweep;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.driver.report.SweepReport;
import dev.lockstep.driver.run.Csv;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.sweep.TrialResult.Evaluated;
import dev.lockstep.driver.train.TrainingMonitor.SplitName;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;

/**
 * {@code trials.jsonl} and {@code summary.csv}: how all trials stand, a line each, in the order of the trials; each file
 * is rewritten whole. But for times, both depend on the sweep's configuration and the data alone.
 */
final class SweepFiles {
    static final String SUMMARY = "summary.csv";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final RunFolder folder;
    private final Search search;

    SweepFiles(RunFolder folder, Search search) {
        this.folder = folder;
        this.search = search;
    }

    /** @param standings of the trials that were begun, in their order */
    void write(List<Standing> standings) throws IOException {
        if (!folder.files().exists(folder.path())) {
            throw new FileNotFoundException(folder.path() + " was deleted or moved while the sweep was running");
        }
        List<Standing> ranking =
                standings.stream().sorted(Standing.bestFirst(search.metric())).toList();
        StringBuilder trials = new StringBuilder();
        StringBuilder summary = new StringBuilder(Csv.row(header()));
        for (Standing standing : standings) {
            Optional<Double> value = standing.value(search.metric());
            Integer rank = value.isPresent() ? ranking.indexOf(standing) + 1 : null;
            trials.append(JSON.writeValueAsString(line(standing, rank))).append('\n');
            summary.append(Csv.row(cells(standing, rank)));
        }
        folder.write(SweepReport.TRIALS, trials.toString());
        folder.write(SUMMARY, summary.toString());
    }

    private ObjectNode line(Standing standing, Integer rank) {
        TrialResult result = standing.result();
        ObjectNode line = JSON.createObjectNode();
        line.put("trial", result.trial().name());
        line.put("status", standing.status());
        line.put("rank", rank);
        line.set("values", JSON.valueToTree(new TreeMap<>(result.trial().values())));
        line.put("metric", search.metric().toString());
        line.put("value", standing.value(search.metric()).orElse(null));
        for (SplitName split : List.of(SplitName.VALIDATION, SplitName.TEST)) {
            Optional<Evaluated> scores = standing.scores(split);
            String name = split.name().toLowerCase(Locale.ROOT);
            line.put(name + "_accuracy", scores.map(Evaluated::accuracy).orElse(null));
            line.put(name + "_loss", scores.map(Evaluated::loss).orElse(null));
        }
        line.put("rung", search.budgets().isEmpty() ? null : (Integer) standing.rung());
        line.put("stopped", standing.stopped());
        line.put("steps", result.steps());
        line.put("parameters_sha256", result.parametersSha256());
        line.put("exit_code", standing.stopped() == null ? (Integer) result.exitCode() : null);
        line.put("error", result.error());
        line.put("seconds", result.seconds());
        line.put("examples_per_second", result.examplesPerSecond());
        return line;
    }

    private List<String> header() {
        List<String> names = new ArrayList<>(List.of("trial", "status", "rank"));
        names.addAll(search.trials().get(0).values().keySet());
        names.addAll(List.of("validation_accuracy", "validation_loss", "test_accuracy", "test_loss", "steps"));
        names.addAll(List.of("parameters_sha256", "seconds", "examples_per_second"));
        return names;
    }

    private static List<String> cells(Standing standing, Integer rank) {
        TrialResult result = standing.result();
        List<String> cells = new ArrayList<>();
        cells.add(result.trial().name());
        cells.add(standing.status());
        cells.add(text(rank));
        cells.addAll(result.trial().values().values());
        for (SplitName split : List.of(SplitName.VALIDATION, SplitName.TEST)) {
            Optional<Evaluated> scores = standing.scores(split);
            cells.add(text(scores.map(Evaluated::accuracy).orElse(null)));
            cells.add(text(scores.map(Evaluated::loss).orElse(null)));
        }
        cells.add(text(result.steps()));
        cells.add(text(result.parametersSha256()));
        cells.add(String.format(Locale.ROOT, "%.3f", result.seconds()));
        cells.add(String.format(Locale.ROOT, "%.1f", result.examplesPerSecond()));
        return cells;
    }

    private static String text(Object value) {
        return value == null ? "" : value.toString();
    }
}
