package dev.lockstep.driver.report;

import dev.lockstep.driver.report.Series.Style;
import dev.lockstep.driver.run.MetricsLine;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.run.RunRecord;
import dev.lockstep.driver.run.StoredJson;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.DataException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;

/**
 * {@code report.html} of several runs: their figures in a table, their curves together, where their configurations differ, and
 * which of them made the same model.
 */
public record CompareReport(List<ComparedRun> runs) {
    /** Beside the page: which runs it is of, to make it anew. */
    private static final String FILE = "compare.json";

    /** Runs of one name are told apart by numbers. */
    public CompareReport {
        Map<String, Integer> before = new HashMap<>();
        runs = runs.stream()
                .map(run -> run.named(run.name(), before.merge(run.name(), 1, Integer::sum)))
                .toList();
    }

    /** @param folder where the page goes; links to the runs' own reports are relative to it */
    public void write(RunFolder folder) throws IOException {
        List<Map<String, String>> all = runs.stream()
                .map(run ->
                        Map.of("name", run.name(), "folder", run.folder().path().toString()))
                .toList();
        folder.write(FILE, StoredJson.file(Map.of("runs", all)));
        folder.write(RunReport.FILE, page(folder).html());
    }

    /** Whether a folder holds a comparison. */
    public static boolean isOne(RunFolder folder) throws IOException {
        return folder.has(FILE);
    }

    /**
     * The comparison in a folder, of its runs as they are now.
     *
     * @throws DataException when it is damaged, or a run is not there any more
     */
    public static CompareReport read(RunFolder folder, Configuration hadoop) throws IOException {
        List<ComparedRun> runs = new ArrayList<>();
        for (StoredJson run :
                RunReport.parsed(() -> StoredJson.read(folder, FILE).objects("runs"))) {
            String name = RunReport.parsed(() -> run.text("name"));
            String place = RunReport.parsed(() -> run.text("folder"));
            if (name == null || place == null) {
                throw new DataException(folder.path(FILE) + ": is damaged: a run has no name or no folder");
            }
            runs.add(ComparedRun.of(stored(folder, place, hadoop), name));
        }
        return new CompareReport(runs);
    }

    private static RunFolder stored(RunFolder folder, String place, Configuration hadoop) {
        try {
            return RunFolder.at(place, hadoop);
        } catch (ConfigurationException e) { // no user of this command typed it
            throw new DataException(folder.path(FILE) + ": is damaged: " + e.getMessage(), e);
        }
    }

    /** The names of runs that ended with the same parameters to the bit, by the hash of these; two at the least. */
    public Map<String, List<String>> equal() {
        Map<String, List<String>> byHash = new LinkedHashMap<>();
        for (ComparedRun run : runs) {
            String hash = run.record().product().parametersSha256();
            if (hash != null) {
                byHash.computeIfAbsent(hash, none -> new ArrayList<>()).add(run.name());
            }
        }
        byHash.values().removeIf(names -> names.size() < 2);
        return byHash;
    }

    /** The keys whose values are not the same in all configurations, each with a value a run; null where one has none. */
    Map<String, List<String>> differences() {
        Set<String> keys = new TreeSet<>();
        runs.forEach(run -> keys.addAll(run.settings().keySet()));
        Map<String, List<String>> differences = new LinkedHashMap<>();
        for (String key : keys) {
            List<String> values =
                    runs.stream().map(run -> run.settings().get(key)).toList();
            if (values.stream().distinct().count() > 1) {
                differences.put(key, values);
            }
        }
        return differences;
    }

    private Page page(RunFolder folder) {
        String title = "Comparison of " + runs.size() + (runs.size() == 1 ? " run" : " runs");
        Html body = new Html();
        body.open("header").element("h1", title).close();
        table(body, folder);
        same(body);
        charts(body);
        differences(body);
        return new Page(title, body);
    }

    private Set<String> figures() {
        return runs.stream().map(run -> run.objective().figure()).collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private void table(Html body, RunFolder folder) {
        Set<String> figures = figures();
        List<String> headings = new ArrayList<>(List.of("run", "status"));
        figures.forEach(figure -> headings.add("test " + Figures.name(figure)));
        headings.addAll(List.of("best on the way", "test loss", "steps", "epochs", "training", "parameters", "model"));
        body.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", "Runs");
        body.open("table", "class", "sortable").open("thead").open("tr");
        for (String heading : headings) {
            body.open("th", "scope", "col", "aria-sort", "none")
                    .element("button", heading, "type", "button")
                    .close();
        }
        body.close().close().open("tbody");
        for (ComparedRun run : runs) {
            RunRecord record = run.record();
            body.open("tr").open("th", "scope", "row", "data-key", run.name());
            body.element("a", run.name(), "href", link(folder, run.folder())).close();
            body.element("td", record.ending().status().word());
            figures.forEach(figure -> number(body, run.tested(figure), value -> Figures.value(figure, value)));
            number(body, run.best(), value -> Figures.value(run.objective().figure(), value));
            number(body, run.tested(MetricsLine.LOSS), Numbers::figure);
            number(body, RunFacts.number(record.progress().steps()), Numbers::whole);
            number(body, RunFacts.number(record.progress().epochs()), Numbers::brief);
            number(body, RunFacts.number(record.progress().trainingSeconds()), value -> Numbers.brief(value, 3) + " s");
            number(body, RunFacts.number(record.place().parameters()), Numbers::whole);
            body.open("td");
            if (record.product().parametersSha256() != null) {
                RunFacts.hash(body, record.product().parametersSha256());
            }
            body.close().close();
        }
        body.close().close().close();
    }

    private static void number(Html body, double value, Function<Double, String> shown) {
        boolean there = Double.isFinite(value);
        body.element("td", there ? shown.apply(value) : Numbers.NONE, "data-key", there ? Double.toString(value) : "");
    }

    /** Of two places on one file system the relative way, so that folders may be moved together. */
    private static String link(RunFolder from, RunFolder to) {
        URI page = from.path().toUri();
        URI run = to.path(RunReport.FILE).toUri();
        if (!"file".equals(page.getScheme()) || !"file".equals(run.getScheme())) {
            return run.toString();
        }
        return Path.of(page.getPath()).relativize(Path.of(run.getPath())).toString();
    }

    private void same(Html body) {
        body.open("section").element("h2", "The same model");
        Map<String, List<String>> equal = equal();
        if (equal.isEmpty()) {
            body.element("p", "No two of them ended with the same parameters.");
        }
        equal.forEach((hash, names) -> {
            body.open("p").text(String.join(", ", names) + ": the same parameters to the bit, SHA-256 ");
            RunFacts.hash(body, hash);
            body.close();
        });
        body.close();
    }

    private void charts(Html body) {
        List<LineChart> charts = new ArrayList<>();
        for (String figure : figures()) {
            String name = Figures.name(figure);
            charts.add(chart("Test " + name, Axis::linear, Style.DOTS, run -> run.evaluations("test", figure)));
            charts.add(chart(
                    "Validation " + name, Axis::linear, Style.DOTS, run -> run.evaluations("validation", figure)));
        }
        charts.add(chart("Test loss", Axis::fromZero, Style.DOTS, run -> run.evaluations("test", MetricsLine.LOSS)));
        charts.add(chart(
                "Validation loss", Axis::fromZero, Style.DOTS, run -> run.evaluations("validation", MetricsLine.LOSS)));
        charts.add(chart("Training loss", Axis::fromZero, Style.NOISY, run -> run.history()
                .steps(MetricsLine.LOSS)));
        body.open("section").element("h2", "Curves").open("div", "class", "charts");
        charts.stream().filter(chart -> !chart.isEmpty()).forEach(chart -> body.add(chart.figure()));
        body.close().close();
    }

    private interface AxisKind {
        Axis over(String label, DoubleStream values);
    }

    private LineChart chart(String title, AxisKind axis, Style style, Function<ComparedRun, StepCurve> curve) {
        List<Series> series = IntStream.range(0, runs.size())
                .mapToObj(i -> new Series(
                        runs.get(i).name(),
                        i,
                        style,
                        curve.apply(runs.get(i)),
                        runs.get(i).history().clock()))
                .filter(each -> !each.points().isEmpty())
                .toList();
        return LineChart.of(title, "steps", values -> axis.over("", values), series);
    }

    private void differences(Html body) {
        Map<String, List<String>> differences = differences();
        body.open("section").element("h2", "Where their configurations differ");
        if (differences.isEmpty()) {
            body.element("p", runs.size() == 1 ? "There is only one." : "Nowhere but in their names.")
                    .close();
            return;
        }
        body.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", "Differences");
        body.open("table", "class", "words").open("thead").open("tr").element("th", "key", "scope", "col");
        runs.forEach(run -> body.element("th", run.name(), "scope", "col"));
        body.close().close().open("tbody");
        differences.forEach((key, values) -> {
            body.open("tr").element("th", key, "scope", "row");
            values.forEach(value -> body.element("td", value == null ? Numbers.NONE : value));
            body.close();
        });
        body.close().close().close().close();
    }
}
