package dev.lockstep.driver.sweep;

import dev.lockstep.driver.evaluate.SplitName;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.run.TrialFiles;
import dev.lockstep.driver.run.TrialLine;
import dev.lockstep.driver.sweep.TrialResult.Evaluated;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How all trials of a sweep stand, as its {@link TrialFiles}. But for times, they depend on the sweep's configuration and
 * the data alone.
 */
final class SweepFiles {
    private final RunFolder folder;
    private final Search search;

    SweepFiles(RunFolder folder, Search search) {
        this.folder = folder;
        this.search = search;
    }

    /** @param standings of the trials that were begun, in their order */
    void write(List<RankedTrial> standings) throws IOException {
        if (!folder.files().exists(folder.path())) {
            throw new FileNotFoundException(folder.path() + " was deleted or moved while the sweep was running");
        }
        List<RankedTrial> ranking = standings.stream()
                .sorted(RankedTrial.bestFirst(search.metric()))
                .toList();
        TrialFiles.write(
                folder,
                columns(),
                standings.stream()
                        .map(standing -> line(standing, ranking.indexOf(standing) + 1))
                        .toList());
    }

    private TrialLine line(RankedTrial standing, int place) {
        TrialResult result = standing.result();
        Optional<Double> value = standing.value(search.metric());
        return new TrialLine(
                result.trial().name(),
                standing.status(),
                value.isPresent() ? place : null,
                new TreeMap<>(result.trial().values()),
                search.metric().toString(),
                value.orElse(null),
                figures(standing, SplitName.VALIDATION),
                figures(standing, SplitName.TEST),
                search.budgets().isEmpty() ? null : standing.rung(),
                standing.stopped(),
                result.steps(),
                result.parametersSha256(),
                standing.stopped() == null ? result.exitCode() : null,
                result.error(),
                result.seconds(),
                result.examplesPerSecond());
    }

    private static Map<String, Double> figures(RankedTrial standing, SplitName split) {
        return standing.scores(split).map(Evaluated::figures).orElse(Map.of());
    }

    private List<String> columns() {
        List<String> names = new ArrayList<>(List.of("trial", "status", "rank"));
        names.addAll(search.trials().get(0).values().keySet());
        names.addAll(List.of("validation_accuracy", "validation_loss", "test_accuracy", "test_loss", "steps"));
        names.addAll(List.of("parameters_sha256", "seconds", "examples_per_second"));
        return names;
    }
}
