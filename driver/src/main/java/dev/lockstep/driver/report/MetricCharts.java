package dev.lockstep.driver.report;

import dev.lockstep.driver.report.Series.Point;
import dev.lockstep.driver.report.Series.Style;
import dev.lockstep.driver.run.MetricsLine;
import dev.lockstep.worker.model.objective.Objective;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/** The charts of one run, from the lines of its {@code metrics.jsonl}. */
public final class MetricCharts {
    /** What comes of an episode of one who acts: the sum of the rewards, the mean over episodes. */
    static final String RETURN = "return";

    private final List<MetricsLine> lines;
    private final StepClock clock;
    private final boolean acts; // and learns from what comes of it
    private final String xLabel;

    /** @param lines as {@code MetricsLog.read} gives them */
    public MetricCharts(List<MetricsLine> lines) {
        this.lines = lines;
        this.clock = StepClock.of(lines);
        this.acts = lines.stream().anyMatch(line -> line.figures().containsKey(RETURN));
        this.xLabel = acts
                ? "iterations"
                : clock.stepsPerEpoch() > 0
                        ? "steps (an epoch has " + Numbers.whole(clock.stepsPerEpoch()) + ")"
                        : "steps";
    }

    /** What the run was trained for, as its figures tell; classification while there are none. */
    public static Objective objective(List<MetricsLine> lines) {
        return Objective.ofFigures(
                lines.stream().flatMap(line -> line.figures().keySet().stream()).collect(Collectors.toSet()));
    }

    /** The charts there are values for. */
    public List<LineChart> charts() {
        String figure = objective(lines).figure();
        List<LineChart> charts = List.of(
                chart("Return", "", Axis::linear, acts ? returns() : List.of()),
                chart("Loss", "", Axis::fromZero, splits(MetricsLine.LOSS)),
                chart(Figures.title(figure), "", Axis::linear, splits(figure)),
                chart(
                        "Learning rate",
                        "",
                        Axis::fromZero,
                        List.of(steps("learning rate", Style.LINE, MetricsLine.LEARNING_RATE, 1))),
                chart("Gradient norms by layer", "logarithmic", Axis::logarithmic, gradientNorms()),
                chart(
                        "Throughput",
                        "examples/s",
                        Axis::fromZero,
                        noisy("throughput", MetricsLine.EXAMPLES_PER_SECOND, 1)),
                chart(
                        "Time spent exchanging",
                        "% of a step",
                        Axis::fromZero,
                        noisy("share", MetricsLine.EXCHANGE_FRACTION, 100)));
        return charts.stream().filter(chart -> !chart.isEmpty()).toList();
    }

    /** The values of a metric, by step: of each step's batch for {@code train}, else of the split's evaluations. */
    public static List<Point> points(List<MetricsLine> lines, String split, String metric) {
        return split.equals(MetricsLine.TRAIN)
                ? points(lines.stream().filter(MetricsLine::ofStep), metric)
                : evaluations(lines, split, metric);
    }

    /** The values of a metric in the evaluations of one split (all of it), by step; what is not a number is NaN. */
    public static List<Point> evaluations(List<MetricsLine> lines, String split, String metric) {
        return points(
                lines.stream().filter(line -> !line.ofStep() && line.split().equals(split)), metric);
    }

    private static List<Point> points(Stream<MetricsLine> lines, String metric) {
        return lines.filter(line -> line.figures().containsKey(metric))
                .map(line -> new Point(line.step(), line.figure(metric)))
                .toList();
    }

    private LineChart chart(String title, String unit, AxisKind kind, List<Series> series) {
        Function<DoubleStream, Axis> axis = values -> kind.over(unit, values);
        return LineChart.of(
                title,
                xLabel,
                axis,
                series.stream()
                        .filter(s -> !s.points().isEmpty())
                        .map(s -> s.at(clock))
                        .toList());
    }

    private List<Series> splits(String metric) {
        List<Series> series = new ArrayList<>(noisy(MetricsLine.TRAIN, metric, 1));
        series.add(new Series("validation", 1, Style.DOTS, points(lines, "validation", metric)));
        series.add(new Series("test", 2, Style.DOTS, points(lines, "test", metric)));
        series.add(new Series("all of train", 3, Style.DOTS, evaluations(lines, MetricsLine.TRAIN, metric)));
        return series;
    }

    private List<Series> returns() {
        return List.of(
                new Series("while learning", 0, Style.NOISY, evaluations(lines, MetricsLine.TRAIN, RETURN)),
                new Series("without chance", 1, Style.DOTS, evaluations(lines, "validation", RETURN)),
                new Series("test", 2, Style.DOTS, evaluations(lines, "test", RETURN)));
    }

    private List<Series> noisy(String name, String metric, double factor) {
        return List.of(steps(name, Style.NOISY, metric, factor));
    }

    private Series steps(String name, Style style, String metric, double factor) {
        List<Point> points = points(lines, MetricsLine.TRAIN, metric).stream()
                .map(point -> new Point(point.x(), factor * point.y()))
                .toList();
        return new Series(name, 0, style, points);
    }

    private List<Series> gradientNorms() {
        Map<String, List<Point>> layers = new LinkedHashMap<>();
        for (MetricsLine line : lines) {
            line.layerGradientNorms().forEach((layer, norm) -> layers.computeIfAbsent(layer, none -> new ArrayList<>())
                    .add(new Point(line.step(), norm)));
        }
        List<Series> curves = new ArrayList<>();
        layers.forEach((layer, points) -> curves.add(new Series("layer " + layer, curves.size(), Style.NOISY, points)));
        return curves;
    }

    private interface AxisKind {
        Axis over(String label, DoubleStream values);
    }
}
