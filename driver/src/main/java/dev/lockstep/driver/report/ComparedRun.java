package dev.lockstep.driver.report;

import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.driver.report.Series.Point;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.run.RunRecord;
import dev.lockstep.driver.run.TrialFiles;
import dev.lockstep.driver.run.TrialLine;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.failure.Excerpt;
import dev.lockstep.worker.failure.LockstepException;
import dev.lockstep.worker.model.objective.Objective;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One of several runs on a page.
 *
 * @param name what it is called there
 * @param folder its own
 * @param settings of its configuration, defaults included, by key; none where this version cannot read it
 */
public record ComparedRun(
        String name, RunFolder folder, RunRecord record, MetricsHistory history, Map<String, String> settings) {
    private static final String TRIALS = "trials";

    /**
     * The runs in a folder: it is one, or a sweep or an exercise with its trials, or a course with its exercises.
     *
     * @throws DataException when there is none, or one's files are damaged
     */
    public static List<ComparedRun> in(RunFolder folder) throws IOException {
        List<ComparedRun> found = in(folder, folder.path().getName());
        if (found.isEmpty()) {
            throw none(folder);
        }
        return found;
    }

    private static DataException none(RunFolder folder) {
        String place = Excerpt.line(folder.path().toString());
        return new DataException(place + ": holds no run: expected a " + RunRecord.FILE + " in it, or a "
                + TrialFiles.TRIALS + " of several; name the folder of a run, a sweep or an exercise");
    }

    private static List<ComparedRun> in(RunFolder folder, String name) throws IOException {
        if (folder.has(RunRecord.FILE)) {
            return List.of(of(folder, name));
        }
        List<ComparedRun> found = new ArrayList<>();
        for (TrialLine trial : RunReport.parsed(() -> TrialFiles.read(folder))) {
            RunFolder place = folder.folder(TRIALS).folder(trial.trial());
            if (place.has(RunRecord.FILE)) {
                found.add(of(place, name + "/" + trial.trial()));
            }
        }
        if (found.isEmpty()) {
            for (String inside : folder.folders()) {
                if (folder.folder(inside).has(TrialFiles.TRIALS)) {
                    found.addAll(in(folder.folder(inside), name + "/" + inside));
                }
            }
        }
        return found;
    }

    /** @throws DataException when there is no run, or its files are damaged */
    static ComparedRun of(RunFolder folder, String name) throws IOException {
        RunRecord record = RunReport.parsed(() -> RunRecord.read(folder));
        if (record == null) {
            throw none(folder);
        }
        return new ComparedRun(
                name, folder, record, RunReport.parsed(() -> MetricsHistory.read(folder)), settings(folder));
    }

    private static Map<String, String> settings(RunFolder folder) throws IOException {
        byte[] text = folder.read(RunReport.CONFIGURATION);
        if (text == null) {
            return Map.of();
        }
        try {
            Map<String, String> settings = new TreeMap<>(
                    RunConfigParser.stored(new String(text, StandardCharsets.UTF_8), RunReport.CONFIGURATION)
                            .written()
                            .all());
            settings.remove("name");
            return settings;
        } catch (LockstepException e) {
            return Map.of();
        }
    }

    /** @param copy from 1: the how many-th of that name */
    ComparedRun named(String other, int copy) {
        return new ComparedRun(copy == 1 ? other : other + " (" + copy + ")", folder, record, history, settings);
    }

    Objective objective() {
        return RunReport.objective(record, history);
    }

    /** NaN for none. */
    double tested(String figure) {
        Double value = record.product().test().get(figure);
        return value != null
                ? value
                : evaluations("test", figure).points().stream()
                        .map(Point::y)
                        .filter(Double::isFinite)
                        .reduce((before, last) -> last)
                        .orElse(Double.NaN);
    }

    /** The best of its own figure on the way; NaN for none. */
    double best() {
        Comparator<Double> byValue = Comparator.naturalOrder();
        return evaluations("test", objective().figure()).points().stream()
                .map(Point::y)
                .filter(Double::isFinite)
                .max(objective().isMoreBetter() ? byValue : byValue.reversed())
                .orElse(Double.NaN);
    }

    StepCurve evaluations(String split, String figure) {
        return history.evaluations(split, figure);
    }
}
