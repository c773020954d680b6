package dev.lockstep.jobs.course;

import dev.lockstep.driver.evaluate.SplitName;
import dev.lockstep.driver.run.Csv;
import dev.lockstep.driver.run.DamagedFileException;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.run.TrialFiles;
import dev.lockstep.driver.run.TrialLine;
import dev.lockstep.driver.sweep.TrialResult;
import dev.lockstep.driver.sweep.TrialResult.Evaluated;
import dev.lockstep.worker.failure.DataException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How an exercise's trials ended, as its {@link TrialFiles}; and a course's table of those of all its exercises. */
final class CourseTables {
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

    private CourseTables() {}

    /** @param results of the trials that were begun */
    static void write(RunFolder exercise, Collection<TrialResult> results) throws IOException {
        TrialFiles.write(
                exercise, COLUMNS, results.stream().map(CourseTables::line).toList());
    }

    private static TrialLine line(TrialResult result) {
        return new TrialLine(
                result.trial().name(),
                result.status().word(),
                null,
                new TreeMap<>(result.trial().values()),
                null,
                null,
                figures(result, SplitName.VALIDATION),
                figures(result, SplitName.TEST),
                null,
                null,
                result.steps(),
                result.parametersSha256(),
                result.exitCode(),
                result.error(),
                result.seconds(),
                result.examplesPerSecond());
    }

    private static Map<String, Double> figures(TrialResult result, SplitName split) {
        return result.last(split).map(Evaluated::figures).orElse(Map.of());
    }

    /**
     * Writes a course's table from what its exercises left: a row for each trial, and one for each exercise without any.
     *
     * @throws DataException when the files of an exercise are damaged
     */
    static void summarise(RunFolder course, List<RunFolder> exercises) throws IOException {
        Map<RunFolder, List<TrialLine>> all = new LinkedHashMap<>();
        for (RunFolder exercise : exercises) {
            all.put(exercise, trials(exercise));
        }
        List<String> columns = new ArrayList<>(COURSE_COLUMNS);
        columns.addAll(
                TrialFiles.figures(all.values().stream().flatMap(List::stream).toList()));
        StringBuilder table = new StringBuilder(row("exercise", columns));
        for (RunFolder exercise : exercises) {
            String name = exercise.path().getName();
            for (TrialLine trial : all.get(exercise)) {
                table.append(row(name, TrialFiles.cells(trial, columns)));
            }
            if (all.get(exercise).isEmpty()) {
                List<String> cells = new ArrayList<>(Collections.nCopies(columns.size(), ""));
                cells.set(
                        COURSE_COLUMNS.indexOf("status"),
                        Result.read(exercise).skipped() == null ? "finished" : "not run");
                table.append(row(name, cells));
            }
        }
        course.write(TrialFiles.SUMMARY, table.toString());
    }

    private static String row(String exercise, List<String> cells) {
        List<String> all = new ArrayList<>(List.of(exercise));
        all.addAll(cells);
        return Csv.row(all);
    }

    private static List<TrialLine> trials(RunFolder exercise) throws IOException {
        try {
            return TrialFiles.read(exercise);
        } catch (DamagedFileException e) {
            throw new DataException(e.getMessage(), e);
        }
    }
}
