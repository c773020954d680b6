package dev.lockstep.driver.report;

import dev.lockstep.driver.report.Series.Style;
import dev.lockstep.driver.run.MetricsLine;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.DoubleStream;

/** The charts of one run, from the lines of its {@code metrics.jsonl}. */
public final class MetricCharts {
    /** What comes of an episode of one who acts: the sum of the rewards, the mean over episodes. */
    static final String RETURN = "return";

    private final MetricsHistory history;
    private final StepClock clock;
    private final boolean acts; // and learns from what comes of it
    private final String xLabel;

    public MetricCharts(MetricsHistory history) {
        this.history = history;
        this.clock = history.clock();
        this.acts = history.has(RETURN);
        this.xLabel = acts
                ? "iterations"
                : clock.stepsPerEpoch() > 0
                        ? "steps (an epoch has " + Numbers.whole(clock.stepsPerEpoch()) + ")"
                        : "steps";
    }

    /** The charts there are values for. */
    public List<LineChart> charts() {
        String figure = history.objective().figure();
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

    private LineChart chart(String title, String unit, AxisKind kind, List<Series> series) {
        Function<DoubleStream, Axis> axis = values -> kind.over(unit, values);
        return LineChart.of(
                title,
                xLabel,
                axis,
                series.stream().filter(s -> !s.points().isEmpty()).toList());
    }

    private List<Series> splits(String metric) {
        List<Series> series = new ArrayList<>(noisy(MetricsLine.TRAIN, metric, 1));
        series.add(evaluations("validation", 1, Style.DOTS, "validation", metric));
        series.add(evaluations("test", 2, Style.DOTS, "test", metric));
        series.add(evaluations("all of train", 3, Style.DOTS, MetricsLine.TRAIN, metric));
        return series;
    }

    private List<Series> returns() {
        return List.of(
                evaluations("while learning", 0, Style.NOISY, MetricsLine.TRAIN, RETURN),
                evaluations("without chance", 1, Style.DOTS, "validation", RETURN),
                evaluations("test", 2, Style.DOTS, "test", RETURN));
    }

    private Series evaluations(String name, int colour, Style style, String split, String metric) {
        return new Series(name, colour, style, history.evaluations(split, metric), clock);
    }

    private List<Series> noisy(String name, String metric, double factor) {
        return List.of(steps(name, Style.NOISY, metric, factor));
    }

    private Series steps(String name, Style style, String metric, double factor) {
        return new Series(name, 0, style, history.steps(metric).times(factor), clock);
    }

    private List<Series> gradientNorms() {
        List<Series> curves = new ArrayList<>();
        history.gradientNorms()
                .forEach((layer, curve) ->
                        curves.add(new Series("layer " + layer, curves.size(), Style.NOISY, curve, clock)));
        return curves;
    }

    private interface AxisKind {
        Axis over(String label, DoubleStream values);
    }
}
