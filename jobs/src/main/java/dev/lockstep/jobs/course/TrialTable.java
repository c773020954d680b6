package dev.lockstep.jobs.course;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.driver.run.Csv;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.sweep.TrialResult;
import dev.lockstep.driver.sweep.TrialResult.Evaluated;
import dev.lockstep.driver.train.TrainingMonitor.SplitName;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.failure.Excerpt;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * {@code trials.jsonl} and {@code summary.csv} of an exercise: how its trials ended, a line each, in their order; and the
 * {@code summary.csv} of a course, with those of all its exercises.
 */
final class TrialTable {
    private static final String TRIALS = "trials.jsonl";
    private static final String SUMMARY = "summary.csv";
    private static final List<String> COLUMNS = List.of(
            "trial",
            "variant",
            "seed",
            "status",
            "test_accuracy",
            "test_loss",
            "steps",
            "parameters_sha256",
            "seconds",
            "examples_per_second");
    private static final List<String> COURSE_COLUMNS = List.of(
            "exercise",
            "trial",
            "status",
            "test_accuracy",
            "test_loss",
            "variant",
            "seed",
            "steps",
            "parameters_sha256",
            "seconds",
            "examples_per_second");
    private static final ObjectMapper JSON = new ObjectMapper();

    private TrialTable() {}

    /** @param results of the trials that were begun */
    static void write(RunFolder folder, Collection<TrialResult> results) throws IOException {
        StringBuilder lines = new StringBuilder();
        StringBuilder table = new StringBuilder(Csv.row(COLUMNS));
        for (TrialResult result : results) {
            ObjectNode line = line(result);
            lines.append(JSON.writeValueAsString(line)).append('\n');
            table.append(Csv.row(cells(line, COLUMNS)));
        }
        folder.write(TRIALS, lines.toString());
        folder.write(SUMMARY, table.toString());
    }

    /**
     * Writes a course's table from what its exercises left: a row for each trial, and one for each exercise without any.
     *
     * @throws DataException when the files of an exercise are damaged
     */
    static void summarise(RunFolder course, List<RunFolder> exercises) throws IOException {
        StringBuilder table = new StringBuilder(Csv.row(COURSE_COLUMNS));
        for (RunFolder exercise : exercises) {
            List<ObjectNode> rows = lines(exercise);
            if (rows.isEmpty()) {
                ObjectNode row = JSON.createObjectNode();
                row.put("status", Result.read(exercise).skipped() == null ? "finished" : "not run");
                rows = List.of(row);
            }
            for (ObjectNode row : rows) {
                row.put("exercise", exercise.path().getName());
                table.append(Csv.row(cells(row, COURSE_COLUMNS)));
            }
        }
        course.write(SUMMARY, table.toString());
    }

    private static List<ObjectNode> lines(RunFolder exercise) throws IOException {
        byte[] bytes = exercise.read(TRIALS);
        List<ObjectNode> lines = new ArrayList<>();
        if (bytes != null) {
            for (String text : new String(bytes, StandardCharsets.UTF_8).lines().toList()) {
                lines.add(line(exercise, text));
            }
        }
        return lines;
    }

    private static ObjectNode line(RunFolder exercise, String text) {
        try {
            if (JSON.readTree(text) instanceof ObjectNode line) {
                return line;
            }
        } catch (JsonProcessingException e) {
            // told below
        }
        throw new DataException(
                exercise.path(TRIALS) + ": is damaged: expected a JSON object a line, found " + Excerpt.of(text));
    }

    private static List<String> cells(ObjectNode line, List<String> columns) {
        return columns.stream()
                .map(line::path)
                .map(cell -> cell.isNull() ? "" : cell.asText())
                .toList();
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
