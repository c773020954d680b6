package dev.lockstep.driver.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.driver.report.Series.Point;
import dev.lockstep.driver.report.Series.Style;
import dev.lockstep.driver.run.MetricsLine;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MetricChartsTest {
    private final MetricsHistory history = new MetricsHistory();

    private void line(String split, int epoch, int step, double loss) {
        line(split, epoch, step, split.equals("train"), Map.of("loss", loss), Map.of());
    }

    private void line(
            String split, int epoch, int step, boolean ofStep, Map<String, Double> figures, Map<String, Double> norms) {
        history.add(new MetricsLine("now", epoch, step, split, ofStep, figures, norms));
    }

    private static List<String> titles(List<LineChart> charts) {
        return charts.stream().map(LineChart::title).toList();
    }

    @Test
    void showsWhatThereIs() {
        assertThat(new MetricCharts(history).charts()).isEmpty();

        line("train", 0, 1, 2.3);
        assertThat(titles(new MetricCharts(history).charts())).containsExactly("Loss");

        Map<String, Double> all = Map.of(
                "loss",
                2.2,
                "accuracy",
                0.1,
                "learning_rate",
                0.001,
                "examples_per_second",
                900.0,
                "exchange_fraction",
                0.25,
                "gradient_norm",
                1.5);
        line("train", 0, 2, true, all, Map.of("0", 1.0));
        List<LineChart> charts = new MetricCharts(history).charts();
        assertThat(titles(charts))
                .containsExactly(
                        "Loss",
                        "Accuracy",
                        "Learning rate",
                        "Gradient norms by layer",
                        "Throughput",
                        "Time spent exchanging");
        assertThat(charts.get(5).series().get(0).points()).containsExactly(new Point(2, 25));
    }

    @Test
    void drawsTheSplitsApart() {
        line("train", 0, 1, 2.3);
        line("train", 0, 2, 2.1);
        line("validation", 0, 2, 2.2);
        line("train", 1, 3, 2.0);
        line("test", 1, 3, 1.9);

        LineChart loss = new MetricCharts(history).charts().get(0);

        assertThat(loss.xAxis().label()).isEqualTo("steps (an epoch has 2)");
        assertThat(loss.series())
                .containsExactly(
                        new Series(
                                "train",
                                0,
                                Style.NOISY,
                                List.of(new Point(1, 2.3), new Point(2, 2.1), new Point(3, 2.0)),
                                new StepClock(2, List.of())),
                        new Series(
                                "validation", 1, Style.DOTS, List.of(new Point(2, 2.2)), new StepClock(2, List.of())),
                        new Series("test", 2, Style.DOTS, List.of(new Point(3, 1.9)), new StepClock(2, List.of())));
    }

    @Test
    void tellsALookAtAllOfTrainFromAStep() {
        line("train", 0, 1, 2.3);
        line("train", 0, 2, 2.1);
        line("train", 0, 2, false, Map.of("loss", 1.5), Map.of());

        assertThat(history.steps("loss").points()).containsExactly(new Point(1, 2.3), new Point(2, 2.1));
        assertThat(history.evaluations("train", "loss").points()).containsExactly(new Point(2, 1.5));
        assertThat(new MetricCharts(history).charts().get(0).series().get(1))
                .isEqualTo(new Series("all of train", 3, Style.DOTS, List.of(new Point(2, 1.5))));
    }

    @Test
    void aValueThatIsNotANumberIsAGap() {
        line("train", 0, 1, Double.NaN);
        line("train", 0, 2, true, Map.of("accuracy", 0.1), Map.of());
        line("train", 0, 3, 0.5);

        assertThat(history.steps("loss").points()).containsExactly(new Point(1, Double.NaN), new Point(3, 0.5));
    }

    @Test
    void smoothsManySteps() {
        for (int i = 1; i <= 199; i++) {
            line("train", 0, i, 1);
        }
        assertThat(new MetricCharts(history).charts().get(0).figure().toString())
                .doesNotContain("c0 faint");

        line("train", 0, 200, 1);
        assertThat(new MetricCharts(history).charts().get(0).figure().toString())
                .contains("<path class=\"c0 faint\" d=\"", "data-style=\"noisy\"", "<path class=\"c0\" d=\"");
    }

    @Test
    void givesEachLayerALine() {
        for (int i = 1; i <= 200; i++) {
            Map<String, Double> norms = new LinkedHashMap<>();
            norms.put("0", 1.0);
            norms.put("4", 0.1);
            norms.put("10", 0.01);
            line("train", 0, i, true, Map.of("loss", 1.0), norms);
        }

        LineChart chart = new MetricCharts(history).charts().get(1);

        assertThat(chart.yAxis().logarithmic()).isTrue();
        assertThat(chart.series()).extracting(Series::name).containsExactly("layer 0", "layer 4", "layer 10");
        assertThat(chart.series()).extracting(Series::colour).containsExactly(0, 1, 2);
    }

    @Test
    void knowsWhenStepsWereDone() {
        for (int i = 1; i <= 1001; i++) {
            history.add(new MetricsLine(
                    Instant.EPOCH.plusMillis(500L * i).toString(), 0, i, "train", true, Map.of("loss", 1.0), Map.of()));
        }
        StepClock clock = history.clock();
        assertThat(clock.stepsPerEpoch()).isZero();
        assertThat(clock.seconds())
                .hasSize(201)
                .startsWith(new Point(1, 0), new Point(6, 2.5))
                .endsWith(new Point(1001, 500));
    }
}
