package dev.lockstep.jobs.course;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.sweep.TrialResult;
import dev.lockstep.driver.sweep.TrialResult.Evaluated;
import dev.lockstep.driver.train.TrainingMonitor.SplitName;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** {@code trials.jsonl} and {@code summary.csv} of an exercise: how its trials ended, a line each, in their order. */
final class TrialTable {
    private static final String TRIALS = "trials.jsonl";
    private static final String SUMMARY = "summary.csv";
    private static final ObjectMapper JSON = new ObjectMapper();

    private TrialTable() {}

    static void write(RunFolder folder, Collection<TrialResult> results) throws IOException {
        StringBuilder lines = new StringBuilder();
        StringBuilder table = new StringBuilder();
        for (TrialResult result : results) {
            ObjectNode line = line(result);
            if (table.length() == 0) {
                List<String> names = new ArrayList<>();
                line.fieldNames().forEachRemaining(names::add);
                names.remove("error"); // a sentence
                table.append(String.join(",", names)).append('\n');
            }
            lines.append(JSON.writeValueAsString(line)).append('\n');
            line.remove("error");
            List<String> cells = new ArrayList<>();
            line.elements().forEachRemaining(cell -> cells.add(cell.isNull() ? "" : cell.asText()));
            table.append(String.join(",", cells)).append('\n');
        }
        folder.write(TRIALS, lines.toString());
        folder.write(SUMMARY, table.toString());
    }

    private static ObjectNode line(TrialResult result) {
        Optional<Evaluated> test = result.last(SplitName.TEST);
        ObjectNode line = JSON.createObjectNode();
        line.put("trial", result.trial().name());
        line.put("variant", result.trial().values().get("variant"));
        line.put("seed", result.trial().config().seed());
        line.put("status", result.status().name().toLowerCase(Locale.ROOT));
        line.put("test_accuracy", test.map(Evaluated::accuracy).orElse(null));
        line.put("test_loss", test.map(Evaluated::loss).orElse(null));
        line.put("steps", result.steps());
        line.put("parameters_sha256", result.parametersSha256());
        line.put("seconds", result.seconds());
        line.put("examples_per_second", result.examplesPerSecond());
        line.put("error", result.error());
        return line;
    }
}
