package dev.lockstep.driver.report;

import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.driver.evaluate.PictureSheet;
import dev.lockstep.driver.report.Evaluation.Sample;
import dev.lockstep.driver.run.DamagedFileException;
import dev.lockstep.driver.run.PicturesFile;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.run.RunRecord;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.failure.LockstepException;
import dev.lockstep.worker.model.objective.Objective;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** {@code report.html}: a run on one page, made from the other files of its folder and from nothing else. */
public final class RunReport {
    public static final String FILE = "report.html";

    static final String CONFIGURATION = "config.resolved.conf";

    private RunReport() {}

    /**
     * (Re)builds the report of a run; one that still runs, or failed, is shown as far as it came.
     *
     * @throws DataException when the folder holds no run, or one whose files are damaged
     */
    public static void write(RunFolder folder) throws IOException {
        folder.write(FILE, page(folder).html());
    }

    /**
     * The page of a run, as its files stand.
     *
     * @throws DataException as {@link #write}
     */
    public static Page page(RunFolder folder) throws IOException {
        RunRecord run = parsed(() -> RunRecord.read(folder));
        if (run == null) {
            throw new DataException(folder.path() + ": holds no run: expected a " + RunRecord.FILE
                    + " in it; name the folder that a run was written to");
        }
        MetricsHistory metrics = parsed(() -> MetricsHistory.read(folder));
        Evaluation evaluation = parsed(() -> Evaluation.read(folder));
        LayerHistory histograms = parsed(() -> LayerHistory.read(folder));
        List<PictureSheet> pictures = parsed(() -> PicturesFile.read(folder));
        byte[] configuration = folder.read(CONFIGURATION);
        RunConfig config = config(configuration);
        List<LayerRow> layers = layers(config);

        Map<String, Double> tested = RunFacts.tested(objective(run, metrics), run, evaluation);
        Map<String, Object> others = run.facts();
        tested.keySet().forEach(figure -> others.remove("test_" + figure));
        RunFacts facts = new RunFacts(run.ending().status(), others);
        String name = folder.path().getName();
        Html body = new Html();
        body.open("header").element("h1", name).add(facts.badge()).close();
        body.add(RunFacts.tiles(run, tested));
        look(body, new Findings(metrics, evaluation).sentences());
        charts(body, metrics);
        if (evaluation != null) {
            evaluation(body, evaluation);
        }
        if (!layers.isEmpty()) {
            body.add(new NetworkFigure(config.network().input().toString(), layers)
                    .html(config.training().batchSize()));
        }
        body.add(new PictureSheets(pictures, types(layers)).html());
        if (!histograms.isEmpty()) {
            body.add(new LayerCharts(histograms, metrics.clock(), types(layers)).html());
        }
        body.open("section").open("details").element("summary", "Details");
        body.add(facts.details()).close().close();
        if (configuration != null) {
            body.open("section").open("details").element("summary", "Configuration, defaults included");
            body.element("pre", new String(configuration, StandardCharsets.UTF_8), "tabindex", "0");
            body.close().close();
        }
        return new Page(name + ", " + facts.status().word(), body);
    }

    private static void look(Html body, List<String> sentences) {
        if (!sentences.isEmpty()) {
            body.element("p", String.join(" ", sentences));
        }
    }

    /** null where the configuration is none that this version reads. */
    private static RunConfig config(byte[] stored) {
        try {
            return stored == null
                    ? null
                    : RunConfigParser.stored(new String(stored, StandardCharsets.UTF_8), CONFIGURATION);
        } catch (LockstepException | IllegalArgumentException e) {
            return null;
        }
    }

    /** @param config null for none */
    private static List<LayerRow> layers(RunConfig config) {
        try {
            return config == null ? List.of() : LayerRow.of(config.network());
        } catch (LockstepException | IllegalArgumentException e) {
            return List.of();
        }
    }

    private static Map<String, String> types(List<LayerRow> layers) {
        return layers.stream().collect(Collectors.toMap(LayerRow::name, LayerRow::type));
    }

    /** What the run is trained for, as its figures tell; classification while there are none. */
    static Objective objective(RunRecord run, MetricsHistory metrics) {
        return metrics.objective(run.product().test().keySet());
    }

    private static void charts(Html body, MetricsHistory metrics) {
        List<LineChart> charts = new MetricCharts(metrics).charts();
        body.open("section").element("h2", "Training");
        if (charts.isEmpty()) {
            body.element("p", "No step has been logged.");
        }
        body.open("div", "class", "charts");
        charts.forEach(chart -> body.add(chart.figure()));
        body.close().close();
    }

    private static void evaluation(Html body, Evaluation evaluation) throws IOException {
        var scores = evaluation.scores();
        body.open("section").element("h2", "Evaluation");
        if (scores.classes() > 0) {
            body.element(
                    "p",
                    "%s of %s examples of the %s split are right after %s steps: %s. The mean loss is %s."
                            .formatted(
                                    Numbers.whole(Math.rint(scores.accuracy() * scores.examples())),
                                    Numbers.whole(scores.examples()),
                                    evaluation.split(),
                                    Numbers.whole(evaluation.step()),
                                    Numbers.percent(scores.accuracy()),
                                    Numbers.decimal(scores.loss())));
            body.open("div", "class", "tables");
            body.add(new ClassTable(scores, evaluation.classes()).html());
            body.add(new ConfusionTable(scores, evaluation.classes()).html());
            body.close();
        } else {
            body.element(
                    "p",
                    "%s examples of the %s split after %s steps: %s. The mean loss is %s."
                            .formatted(
                                    Numbers.whole(scores.examples()),
                                    evaluation.split(),
                                    Numbers.whole(evaluation.step()),
                                    scores.figures().entrySet().stream()
                                            .map(figure -> Figures.name(figure.getKey()) + " "
                                                    + Figures.value(figure.getKey(), figure.getValue()))
                                            .collect(Collectors.joining(", ")),
                                    Numbers.figure(scores.loss())));
            if (evaluation.objective() != Objective.CLASSIFICATION) {
                body.open("div", "class", "tables");
                body.add(new TargetTable(evaluation.objective(), scores, evaluation.classes()).html())
                        .close();
            }
        }
        body.open("div", "class", "squares");
        if (evaluation.calibration() != null) {
            body.add(new CalibrationChart(evaluation.calibration()).figure());
        }
        if (evaluation.roc() != null && evaluation.classes().size() == 2) {
            body.add(new RocChart(evaluation.roc(), evaluation.classes().get(1)).figures());
        }
        body.close();
        body.close();
        samples(body, evaluation);
    }

    private static void samples(Html body, Evaluation evaluation) throws IOException {
        List<Sample> wrong = evaluation.samples().stream()
                .filter(Sample::isMistake)
                .sorted(Comparator.comparingDouble(sample -> -sample.confidence()))
                .toList();
        List<Sample> right = evaluation.samples().stream()
                .filter(sample -> !sample.isMistake())
                .toList();
        if (!wrong.isEmpty()) {
            body.open("section").element("h2", "Worst mistakes");
            body.element(
                    "p",
                    "Examples of the %s split that it was surest of, and wrong. Bars are the likeliest classes; the true one is"
                                    .formatted(evaluation.split())
                            + " underlined.");
            body.add(new SampleGallery(wrong, evaluation.classes()).html()).close();
        }
        if (!right.isEmpty()) {
            body.open("section").open("details").element("summary", "Examples that it took for what they are");
            body.add(new SampleGallery(right, evaluation.classes()).html())
                    .close()
                    .close();
        }
    }

    /** A damaged file is bad data to a report, said in one line. */
    static <T> T parsed(Reading<T> reading) throws IOException {
        try {
            return reading.read();
        } catch (DamagedFileException e) {
            throw new DataException(e.getMessage(), e);
        }
    }

    interface Reading<T> {
        T read() throws IOException;
    }
}
