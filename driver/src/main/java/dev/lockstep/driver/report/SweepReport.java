package dev.lockstep.driver.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.lockstep.driver.report.Series.Point;
import dev.lockstep.driver.report.Series.Style;
import dev.lockstep.driver.run.MetricsLog;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.run.RunRecord;
import dev.lockstep.driver.run.StoredJson;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.failure.Excerpt;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;

/** {@code report.html} of a sweep: all its trials on one page, made from the files of its folder and from nothing else. */
public final class SweepReport {
    /** {@code sweep.json}: what the sweep is and how it went, in the form of {@code run.json}. */
    public static final String RECORD = "sweep.json";
    /** {@code trials.jsonl}: how each trial stands. */
    public static final String TRIALS = "trials.jsonl";

    /** Of a trial, which is the name of its folder, too. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,100}");
    /** The best so many curves have colours and names; the others stand back. */
    private static final int NAMED = LineChart.COLOURS;

    private static final int GREY = 6;

    private SweepReport() {}

    /** Whether a folder is a sweep's. */
    public static boolean isOne(RunFolder folder) throws IOException {
        return folder.has(RECORD);
    }

    /**
     * (Re)builds the report; of a sweep that still runs, or was interrupted, as far as it came.
     *
     * @throws DataException when the folder's files are damaged
     */
    public static void write(RunFolder folder) throws IOException {
        try {
            JsonNode sweep = RunRecord.read(folder, RECORD);
            folder.write(RunReport.FILE, page(folder, sweep, trials(folder)).html());
        } catch (JsonProcessingException e) {
            throw new DataException(
                    folder.path() + ": " + RECORD + ", " + TRIALS + " or a trial's " + MetricsLog.FILE
                            + " is damaged: expected JSON, found: "
                            + StoredJson.reason(e),
                    e);
        }
    }

    /** Best first; those without a rank behind them, in their order. */
    private static List<SweepTrial> trials(RunFolder folder) throws IOException {
        List<SweepTrial> trials = new ArrayList<>();
        byte[] bytes = folder.read(TRIALS);
        if (bytes != null) {
            for (String text : new String(bytes, StandardCharsets.UTF_8).lines().toList()) {
                JsonNode line = StoredJson.object(text);
                String name = line.path("trial").asText();
                if (!NAME.matcher(name).matches()) {
                    throw damaged(folder, "a trial cannot be called '" + Excerpt.of(name) + "'");
                }
                trials.add(SweepTrial.of(
                        line, MetricsLog.read(folder.folder("trials").folder(name))));
                if (!trials.get(0)
                        .values()
                        .keySet()
                        .equals(trials.get(trials.size() - 1).values().keySet())) {
                    throw damaged(
                            folder,
                            "trial " + name + " has other keys than "
                                    + trials.get(0).name());
                }
            }
        }
        trials.sort(Comparator.comparingInt(trial -> trial.isRanked() ? trial.rank() : Integer.MAX_VALUE));
        return trials;
    }

    private static DataException damaged(RunFolder folder, String what) {
        return new DataException(folder.path(TRIALS) + ": is damaged: " + what);
    }

    private static Page page(RunFolder folder, JsonNode sweep, List<SweepTrial> trials) {
        String name = folder.path().getName();
        String metric = sweep.path("metric").asText();
        RunFacts facts = new RunFacts(sweep);
        List<SweptKey> keys = trials.isEmpty()
                ? List.of()
                : trials.get(0).values().keySet().stream()
                        .map(key -> SweptKey.of(key, trials))
                        .toList();
        Html body = new Html();
        body.open("header").element("h1", name).add(facts.badge()).close();
        body.add(tiles(sweep, metric, trials));
        if (sweep.hasNonNull("best_command")) {
            body.element("p", "The best trial again:");
            body.element("pre", sweep.path("best_command").asText(), "tabindex", "0");
        }
        body.open("section").element("h2", "Trials");
        body.add(new TrialTable(keys, trials).html()).close();
        if (!trials.isEmpty()) {
            String split = metric.split("-")[0];
            body.open("section").element("h2", "Curves").open("div", "class", "charts");
            body.add(curves("Accuracy on " + split, Axis::linear, SweepTrial::accuracy, trials));
            body.add(curves("Loss on " + split, Axis::fromZero, SweepTrial::loss, trials));
            body.close().close();
            body.open("section").element("h2", "Values");
            body.add(new ParallelCoordinates(keys, metric, trials).figure());
            HeatMap.of(keys, metric, trials).ifPresent(map -> body.add(map.html()));
            body.close();
        }
        body.open("section").element("h2", "The sweep").add(facts.details()).close();
        return new Page(name + ", " + facts.status(), body, TrialTable.SCRIPT);
    }

    private static Html tiles(JsonNode sweep, String metric, List<SweepTrial> trials) {
        Html html = new Html().open("dl", "class", "tiles");
        RunFacts.tile(
                html,
                "best " + metric.replace('-', ' '),
                trials.isEmpty() ? Numbers.NONE : Numbers.decimal(trials.get(0).value()));
        RunFacts.tile(html, "best trial", sweep.path("best_trial").asText(Numbers.NONE));
        RunFacts.tile(
                html,
                "trials",
                trials.size() + " of " + Numbers.whole(sweep.path("trials").asLong()));
        for (String status : List.of("stopped", "diverged", "failed")) {
            long count = trials.stream()
                    .filter(trial -> trial.status().equals(status))
                    .count();
            if (count > 0) {
                RunFacts.tile(html, status, Numbers.whole(count));
            }
        }
        RunFacts.tile(html, "seconds", Numbers.brief(sweep.path("seconds").asDouble(Double.NaN), 3));
        return html.close();
    }

    private static Html curves(
            String title, AxisKind axis, Function<SweepTrial, List<Point>> points, List<SweepTrial> trials) {
        List<Series> series = new ArrayList<>();
        for (SweepTrial trial : trials.subList(Math.min(NAMED, trials.size()), trials.size())) {
            series.add(new Series("", GREY, Style.FAINT, points.apply(trial)));
        }
        for (SweepTrial trial : trials.subList(0, Math.min(NAMED, trials.size()))) {
            series.add(new Series(trial.title(), trials.indexOf(trial), Style.DOTS, points.apply(trial)));
        }
        LineChart chart = LineChart.of(title, "steps", values -> axis.over("", values), series);
        return chart.isEmpty() ? new Html() : chart.figure();
    }

    private interface AxisKind {
        Axis over(String label, DoubleStream values);
    }
}
