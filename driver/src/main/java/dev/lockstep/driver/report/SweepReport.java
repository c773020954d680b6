package dev.lockstep.driver.report;

import dev.lockstep.driver.report.Series.Style;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.run.SweepRecord;
import dev.lockstep.driver.run.TrialFiles;
import dev.lockstep.driver.run.TrialLine;
import dev.lockstep.worker.failure.DataException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.DoubleStream;

/** {@code report.html} of a sweep: all its trials on one page, made from the files of its folder and from nothing else. */
public final class SweepReport {
    /** The best so many curves have colours and names; the others stand back. */
    private static final int NAMED = LineChart.COLOURS;

    private static final int GREY = 6;

    private SweepReport() {}

    /** Whether a folder is a sweep's. */
    public static boolean isOne(RunFolder folder) throws IOException {
        return folder.has(SweepRecord.FILE);
    }

    /**
     * (Re)builds the report; of a sweep that still runs, or was interrupted, as far as it came.
     *
     * @throws DataException when the folder's files are damaged
     */
    public static void write(RunFolder folder) throws IOException {
        SweepRecord sweep = RunReport.parsed(() -> SweepRecord.read(folder));
        folder.write(RunReport.FILE, page(folder, sweep, trials(folder)).html());
    }

    /** Best first; those without a rank behind them, in their order. */
    private static List<SweepTrial> trials(RunFolder folder) throws IOException {
        List<SweepTrial> trials = new ArrayList<>();
        for (TrialLine line : RunReport.parsed(() -> TrialFiles.read(folder))) {
            RunFolder place = folder.folder("trials").folder(line.trial());
            trials.add(SweepTrial.of(line, RunReport.parsed(() -> MetricsHistory.read(place))));
            if (!trials.get(0).values().keySet().equals(line.values().keySet())) {
                throw new DataException(folder.path(TrialFiles.TRIALS) + ": is damaged: trial " + line.trial()
                        + " has other keys than " + trials.get(0).name());
            }
        }
        trials.sort(Comparator.comparingInt(trial -> trial.isRanked() ? trial.rank() : Integer.MAX_VALUE));
        return trials;
    }

    private static Page page(RunFolder folder, SweepRecord sweep, List<SweepTrial> trials) {
        String name = folder.path().getName();
        String metric = Objects.requireNonNullElse(sweep.identity().metric(), "");
        RunFacts facts = new RunFacts(sweep.ending().status(), sweep.facts());
        List<SweptKey> keys = trials.isEmpty()
                ? List.of()
                : trials.get(0).values().keySet().stream()
                        .map(key -> SweptKey.of(key, trials))
                        .toList();
        Html body = new Html();
        body.open("header").element("h1", name).add(facts.badge()).close();
        body.add(tiles(sweep, metric, trials));
        if (sweep.best().command() != null) {
            body.element("p", "The best trial again:");
            body.element(
                    "pre",
                    sweep.best().command(),
                    "tabindex",
                    "0",
                    "data-copy",
                    sweep.best().command());
        }
        body.open("section").element("h2", "Trials");
        body.add(new RungTable(trials).html());
        body.add(new TrialTable(keys, trials).html()).close();
        if (!trials.isEmpty()) {
            String split = metric.split("-")[0];
            body.open("section").element("h2", "Curves").open("div", "class", "charts");
            String figure = Figures.title(SweepTrial.figure(trials));
            body.add(curves(figure + " on " + split, Axis::linear, SweepTrial::figure, trials));
            body.add(curves("Loss on " + split, Axis::fromZero, SweepTrial::loss, trials));
            body.close().close();
            body.open("section").element("h2", "Values");
            Importances importances = Importances.of(keys, trials);
            body.add(importances.html());
            body.add(new ParallelCoordinates(keys, metric, trials).figure());
            heatMaps(body, HeatMap.of(importances.ordered(keys), metric, trials));
            body.close();
        }
        body.open("section").element("h2", "The sweep").add(facts.details()).close();
        return new Page(name + ", " + facts.status().word(), body);
    }

    /** The one of the two keys that matter most, and the others folded. */
    private static void heatMaps(Html body, List<HeatMap> maps) {
        for (int i = 0; i < maps.size(); i++) {
            if (i == 0) {
                body.element("p", maps.get(i).title() + ":").add(maps.get(i).html());
            } else {
                body.open("details").element("summary", maps.get(i).title());
                body.add(maps.get(i).html()).close();
            }
        }
    }

    private static Html tiles(SweepRecord sweep, String metric, List<SweepTrial> trials) {
        Html html = new Html().open("dl", "class", "tiles");
        RunFacts.tile(
                html,
                "best " + metric.replace('-', ' '),
                trials.isEmpty() ? Numbers.NONE : Numbers.decimal(trials.get(0).value()));
        RunFacts.tile(
                html, "best trial", Objects.requireNonNullElse(sweep.best().trial(), Numbers.NONE));
        RunFacts.tile(
                html,
                "trials",
                trials.size() + " of "
                        + Numbers.whole(RunFacts.number(sweep.identity().trials())));
        for (String status : List.of("stopped", "diverged", "failed")) {
            long count = trials.stream()
                    .filter(trial -> trial.status().equals(status))
                    .count();
            if (count > 0) {
                RunFacts.tile(html, status, Numbers.whole(count));
            }
        }
        RunFacts.tile(html, "duration", RunFacts.duration(sweep.ending().seconds()));
        return html.close();
    }

    private static Html curves(
            String title, AxisKind axis, Function<SweepTrial, StepCurve> curve, List<SweepTrial> trials) {
        List<Series> series = new ArrayList<>();
        for (SweepTrial trial : trials.subList(Math.min(NAMED, trials.size()), trials.size())) {
            series.add(new Series("", GREY, Style.FAINT, curve.apply(trial), trial.clock()));
        }
        for (SweepTrial trial : trials.subList(0, Math.min(NAMED, trials.size()))) {
            series.add(new Series(trial.title(), trials.indexOf(trial), Style.DOTS, curve.apply(trial), trial.clock()));
        }
        LineChart chart = LineChart.of(title, "steps", values -> axis.over("", values), series);
        return chart.isEmpty() ? new Html() : chart.figure();
    }

    private interface AxisKind {
        Axis over(String label, DoubleStream values);
    }
}
