package dev.lockstep.jobs.course;

import dev.lockstep.driver.ensemble.BiasVariance;
import dev.lockstep.driver.report.Axis;
import dev.lockstep.driver.report.Figures;
import dev.lockstep.driver.report.Histogram;
import dev.lockstep.driver.report.Html;
import dev.lockstep.driver.report.LineChart;
import dev.lockstep.driver.report.Numbers;
import dev.lockstep.driver.report.Page;
import dev.lockstep.driver.report.Series;
import dev.lockstep.driver.report.Series.Style;
import dev.lockstep.driver.report.StepCurve;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.model.objective.Objective;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** An exercise on one page: its variants side by side, and what the course saw beside what came out here. */
public final class ExerciseReport {
    private static final String ONE_SEED = "needs two seeds";
    private static final String FILE = "report.html";
    /** From this ratio of the largest to the smallest loss on, equal steps of the axis are equal factors. */
    private static final double WIDE = 30;
    /** More curves than that, and only the best have a name and a colour. */
    private static final int MOST_NAMED = 16;

    private static final int BEST = 8;
    private static final int GREY = 6;

    private final Result result;
    private final RunFolder folder;
    private final List<VariantScores> variants;
    private final Objective objective;
    /** The objective's figure, as a sentence has it. */
    private final String figure;

    private ExerciseReport(Result result, RunFolder folder) throws IOException {
        List<VariantScores> variants = VariantScores.read(result, folder);
        this.result = result;
        this.folder = folder;
        this.variants = variants;
        this.objective = VariantScores.objective(variants);
        this.figure = Figures.name(objective.figure());
    }

    private Stream<TrialCurves> trials() {
        return variants.stream().flatMap(variant -> variant.trials().stream());
    }

    /** Whether a folder is an exercise's. */
    public static boolean isOne(RunFolder folder) throws IOException {
        return folder.has(Result.FILE);
    }

    /**
     * (Re)builds the report of an exercise.
     *
     * @throws DataException when its files are damaged
     */
    public static void write(RunFolder folder) throws IOException {
        Result result = Result.read(folder);
        Html body = new ExerciseReport(result, folder).body();
        folder.write(FILE, new Page(result.title(), body).html());
    }

    private Html body() throws IOException {
        Html body = new Html();
        body.open("header").element("h1", result.title()).close();
        body.open("p").element("small", result.row()).close();
        body.element("p", result.about());
        if (!result.asTheCourse()) {
            body.element(
                    "p",
                    "Run with other settings than the course's: " + result.shownOverrides()
                            + ". What this page tells of the course is of the course's own settings.");
        }
        if (!result.note().isEmpty()) {
            body.element("p", result.note());
        }
        if (result.skipped() != null) {
            return body.element("p", result.skipped());
        }
        if (!result.saw().isEmpty()) {
            body.element("p", "The course saw: " + result.saw() + ".");
        }
        if (!result.ensembles().isEmpty()) {
            ensembles(body);
        }
        if (!variants.isEmpty()) {
            table(body);
            charts(body);
        }
        body.add(ExerciseFigure.of(result, variants, folder));
        for (Passage passage : result.passages()) {
            body.open("section").element("h2", passage.heading());
            body.element("pre", passage.text(), "tabindex", "0").close();
        }
        if (!result.histograms().isEmpty()) {
            histograms(body);
        }
        if (!result.freeRuns().isEmpty()) {
            body.add(FreeRun.section(result.freeRuns()));
        }
        if (!result.attention().isEmpty()) {
            body.add(AttentionMap.section(result.attention()));
        }
        return body;
    }

    private void table(Html body) {
        boolean whole = trials().allMatch(TrialCurves::wholeTrain);
        body.open("section").element("h2", "What the course saw, and what came out here");
        String on = result.courseData();
        boolean onImages = objective == Objective.CLASSIFICATION && !on.isEmpty();
        String course = onImages ? "the course, on " + on : "the course";
        body.element(
                "p",
                "Here: " + result.data() + ". "
                        + (onImages
                                ? "The course trained on " + on + ", so its figures are to be met on " + on + " only;"
                                        + " on other data, look at the order of the variants. "
                                : "")
                        + "Training " + figure + " is that of "
                        + (whole ? "all training examples." : "the last ten batches.")
                        + " Figures are of the trials that finished.");
        body.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", "Results");
        body.open("table").open("thead").open("tr");
        for (String heading : List.of(
                "variant",
                result.asTheCourse() ? course : course + ", with other settings",
                "status",
                "test " + figure,
                "best on the way",
                "train " + figure,
                "test loss",
                "parameters",
                "time")) {
            body.element("th", heading, "scope", "col");
        }
        body.close().close().open("tbody");
        for (VariantScores variant : variants) {
            body.open("tr").open("th", "scope", "row");
            name(body, variant);
            body.close();
            body.element("td", variant.variant().saw().words());
            body.element("td", variant.status());
            body.element("td", variant.spread(TrialCurves::lastTestFigure));
            body.element("td", variant.spread(TrialCurves::peak));
            body.element("td", variant.spread(TrialCurves::lastTrainFigure));
            body.element("td", variant.spread(TrialCurves::lastTestLoss));
            body.open("td").add(variant.parameters()).close();
            double seconds = variant.mean(TrialCurves::seconds);
            body.element("td", Double.isFinite(seconds) ? Numbers.brief(seconds) + " s" : Numbers.NONE)
                    .close();
        }
        body.close().close().close();
        for (VariantScores variant : variants) {
            if (!variant.problems().isEmpty()) {
                body.element("p", variant.variant().name() + ": " + variant.problems());
            }
        }
        if (result.asTheCourse()) {
            order(body);
        }
        body.element(
                "p",
                "Parameters are told apart by the first digits of their SHA-256, those of the first seed: the same digits are"
                        + " the same bits.");
        body.element("p", "A name leads to the report of the variant's own run.");
        commands(body);
        body.close();
    }

    /** What trains one variant alone, to the same bits: its run's own settings, the exercise's and what was laid over. */
    private void commands(Html body) {
        List<String> begun = variants.stream()
                .filter(VariantScores::isBegun)
                .map(variant -> variant.variant().trials().get(0))
                .toList();
        if (begun.isEmpty()) {
            return;
        }
        body.open("details").element("summary", "One variant alone, to the same bits");
        body.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", "Commands");
        body.open("table", "class", "words").open("tbody");
        for (String trial : begun) {
            String command = "lockstep train --conf "
                    + folder.folder("trials").folder(trial).shown() + "/config.resolved.conf";
            body.open("tr").element("th", trial, "scope", "row").open("td");
            body.copyable(command, command).close().close();
        }
        body.close().close().close().close();
    }

    /** With the way to its first run's own report, where it has one. */
    private static void name(Html body, VariantScores variant) {
        String name = variant.variant().name();
        if (!variant.isBegun()) {
            body.text(name);
        } else {
            body.element(
                    "a", name, "href", "trials/" + variant.variant().trials().get(0) + "/" + FILE);
        }
    }

    /** Whether the variants that finished come in the course's order: each two of which one was clearly better there. */
    private void order(Html body) {
        int pairs = 0;
        List<String> others = new ArrayList<>();
        List<VariantScores> judged =
                variants.stream().filter(VariantScores::hasFigures).toList();
        for (VariantScores worse : judged) {
            for (VariantScores better : judged) {
                if (worse.variant().saw().test() != null
                        && better.variant().saw().test() != null
                        && worse.variant().saw().test().get(1)
                                < better.variant().saw().test().get(0)) {
                    pairs++;
                    if (!(worse.mean(TrialCurves::lastTestFigure) < better.mean(TrialCurves::lastTestFigure))) {
                        others.add(better.variant().name() + " was above "
                                + worse.variant().name());
                    }
                }
            }
        }
        if (pairs > 0) {
            body.element(
                    "p",
                    others.isEmpty()
                            ? "The order of the variants is the course's."
                            : "In " + (pairs - others.size()) + " of " + pairs
                                    + " pairs the order is the course's; there, but not here, "
                                    + String.join(", ", others) + ".");
        }
    }

    private void charts(Html body) {
        AxisKind axis = objective.isMoreBetter() ? Axis::linear : ExerciseReport::lossAxis;
        body.open("section").element("h2", "Side by side").open("div", "class", "charts");
        List.of(
                        chart("Test " + figure, axis, TrialCurves::testFigure),
                        chart("Training " + figure, axis, TrialCurves::trainFigure),
                        chart("Test loss", ExerciseReport::lossAxis, TrialCurves::testLoss),
                        chart("Training loss", ExerciseReport::lossAxis, TrialCurves::trainLoss))
                .stream()
                .filter(chart -> !chart.isEmpty())
                .forEach(chart -> body.add(chart.figure()));
        body.close().close();
    }

    private interface AxisKind {
        Axis over(String label, DoubleStream values);
    }

    private LineChart chart(String title, AxisKind axis, Function<TrialCurves, StepCurve> curve) {
        boolean ofBatches = title.startsWith("Training") && !trials().allMatch(TrialCurves::wholeTrain);
        List<VariantScores> named = named();
        Style style = ofBatches ? Style.NOISY : Style.LINE;
        List<Series> series = Stream.concat(
                        variants.stream()
                                .filter(variant -> !named.contains(variant))
                                .map(variant -> series(variant, "", GREY, Style.FAINT, curve)),
                        IntStream.range(0, named.size())
                                .mapToObj(i -> series(named.get(i), named.get(i).label(), i, style, curve)))
                .filter(each -> !each.points().isEmpty())
                .toList();
        return LineChart.of(
                title, "iterations", values -> axis.over(ofBatches ? "of the batches" : "", values), series);
    }

    private static Series series(
            VariantScores variant, String name, int colour, Style style, Function<TrialCurves, StepCurve> curve) {
        return new Series(name, colour, style, variant.curve(curve), variant.clock());
    }

    /** The variants whose curves have a name: all, or of many the best. */
    private List<VariantScores> named() {
        double sign = objective.isMoreBetter() ? -1 : 1;
        return variants.size() <= MOST_NAMED
                ? variants
                : variants.stream()
                        .filter(VariantScores::hasFigures)
                        .sorted(Comparator.comparingDouble(variant -> sign * variant.mean(TrialCurves::lastTestFigure)))
                        .limit(BEST)
                        .toList();
    }

    private static Axis lossAxis(String label, DoubleStream values) {
        double[] losses = values.filter(Double::isFinite).toArray();
        double low = DoubleStream.of(losses).filter(loss -> loss > 0).min().orElse(1);
        double high = DoubleStream.of(losses).max().orElse(1);
        return high > WIDE * low
                ? Axis.logarithmic((label + " logarithmic").strip(), DoubleStream.of(losses))
                : Axis.fromZero(label, DoubleStream.of(losses));
    }

    private void ensembles(Html body) {
        body.open("section").element("h2", "Before and after");
        body.element(
                "p",
                "Test accuracy of the ensembles, of their members alone, and what the ensembles gain, in the mean of the"
                        + " seeds. Squared error of the probabilities, split into bias² (what the mean predictor is"
                        + " away from the truth, noise included) and variance (what each is away from the mean).");
        body.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", "Ensembles");
        body.open("table").open("thead").open("tr");
        for (String heading :
                List.of("method", "members", "ensemble", "gain", "bias² before", "after", "variance before", "after")) {
            body.element("th", heading, "scope", "col");
        }
        body.close().close().open("tbody");
        for (Result.EnsembleResult ensemble : result.ensembles()) {
            if (ensemble.problem() != null) {
                continue;
            }
            body.open("tr").element("th", ensemble.method(), "scope", "row");
            BiasVariance after = ensemble.after();
            for (String value : List.of(
                    Numbers.decimal(Result.mean(ensemble.memberAccuracy())),
                    Numbers.decimal(Result.mean(ensemble.accuracy())),
                    Numbers.decimal(ensemble.gain()),
                    Numbers.decimal(ensemble.before().bias()),
                    after == null ? ONE_SEED : Numbers.decimal(after.bias()),
                    Numbers.decimal(ensemble.before().variance()),
                    after == null ? ONE_SEED : Numbers.decimal(after.variance()))) {
                body.element("td", value);
            }
            body.close();
        }
        body.close().close().close();
        for (Result.EnsembleResult ensemble : result.ensembles()) {
            if (ensemble.problem() != null) {
                body.element("p", ensemble.method() + ": no ensemble: " + ensemble.problem());
            }
        }
        body.close();
    }

    private void histograms(Html body) {
        body.open("section").element("h2", "Layer by layer");
        body.element(
                "p",
                "What the first 100 training examples make of each layer, before the first step and after the last: the"
                        + " layer's outputs, and the gradients of its weights. Filled: before; outline: after. Heights are"
                        + " roots of counts; σ is the standard deviation. Where that of the gradients falls towards the"
                        + " first layer, they vanish.");
        Map<String, List<LayerHistogram>> byVariant = result.histograms().stream()
                .collect(Collectors.groupingBy(LayerHistogram::variant, LinkedHashMap::new, Collectors.toList()));
        byVariant.forEach((variant, histograms) -> {
            body.element("h3", variant);
            for (String what : List.of("activations", "gradients")) {
                body.element("h4", what.equals("activations") ? "Outputs" : "Gradients of the weights");
                body.open("div", "class", "charts small");
                histograms.stream()
                        .filter(histogram -> histogram.what().equals(what))
                        .forEach(histogram -> body.add(chart(histogram).figure()));
                body.close();
            }
        });
        body.close();
    }

    private static Histogram chart(LayerHistogram histogram) {
        return new Histogram(
                "Layer " + histogram.layer() + ": σ " + Numbers.brief(histogram.spreadBefore(), 2) + " → "
                        + Numbers.brief(histogram.spreadAfter(), 2),
                histogram.low(),
                histogram.high() > histogram.low() ? histogram.high() : histogram.low() + 1,
                histogram.before(),
                histogram.after());
    }
}
