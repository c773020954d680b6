package dev.lockstep.driver.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.driver.report.Series.Point;
import dev.lockstep.driver.report.Series.Style;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MetricChartsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<JsonNode> lines = new ArrayList<>();

    private ObjectNode line(String split, int epoch, int step, double loss) {
        ObjectNode line = JSON.createObjectNode();
        line.put("split", split).put("epoch", epoch).put("step", step).put("loss", loss);
        lines.add(line);
        return line;
    }

    private static List<String> titles(List<LineChart> charts) {
        return charts.stream().map(LineChart::title).toList();
    }

    @Test
    void showsWhatThereIs() {
        assertThat(new MetricCharts(lines).charts()).isEmpty();

        line("train", 0, 1, 2.3);
        assertThat(titles(new MetricCharts(lines).charts())).containsExactly("Loss");

        ObjectNode all = line("train", 0, 2, 2.2);
        all.put("accuracy", 0.1).put("learning_rate", 0.001).put("examples_per_second", 900);
        all.put("exchange_fraction", 0.25).put("gradient_norm", 1.5);
        all.putObject("layer_gradient_norms").put("0", 1.0);
        List<LineChart> charts = new MetricCharts(lines).charts();
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

        LineChart loss = new MetricCharts(lines).charts().get(0);

        assertThat(loss.xAxis().label()).isEqualTo("steps (an epoch has 2)");
        assertThat(loss.series())
                .containsExactly(
                        new Series(
                                "train",
                                0,
                                Style.LINE,
                                List.of(new Point(1, 2.3), new Point(2, 2.1), new Point(3, 2.0))),
                        new Series("validation", 1, Style.DOTS, List.of(new Point(2, 2.2))),
                        new Series("test", 2, Style.DOTS, List.of(new Point(3, 1.9))));
    }

    @Test
    void tellsALookAtAllOfTrainFromAStep() {
        line("train", 0, 1, 2.3).put("learning_rate", 0.1);
        line("train", 0, 2, 2.1).put("learning_rate", 0.1);
        line("train", 0, 2, 1.5).putNull("learning_rate");

        assertThat(MetricCharts.points(lines, "train", "loss")).containsExactly(new Point(1, 2.3), new Point(2, 2.1));
        assertThat(MetricCharts.evaluations(lines, "train", "loss")).containsExactly(new Point(2, 1.5));
        assertThat(new MetricCharts(lines).charts().get(0).series().get(1))
                .isEqualTo(new Series("all of train", 3, Style.DOTS, List.of(new Point(2, 1.5))));
    }

    @Test
    void aValueThatIsNotANumberIsAGap() throws Exception {
        lines.add(JSON.readTree("{\"split\": \"train\", \"step\": 1, \"loss\": \"NaN\"}"));
        lines.add(JSON.readTree("{\"split\": \"train\", \"step\": 2, \"loss\": null}"));
        lines.add(JSON.readTree("{\"split\": \"train\", \"step\": 3, \"loss\": 0.5}"));

        assertThat(MetricCharts.points(lines, "train", "loss"))
                .containsExactly(new Point(1, Double.NaN), new Point(2, Double.NaN), new Point(3, 0.5));
    }

    @Test
    void smoothsManySteps() {
        for (int i = 1; i <= 199; i++) {
            line("train", 0, i, 1);
        }
        assertThat(new MetricCharts(lines).charts().get(0).series()).hasSize(1);

        line("train", 0, 200, 1);
        assertThat(new MetricCharts(lines).charts().get(0).series())
                .extracting(Series::name)
                .containsExactly("train, each step", "train, smoothed");
    }

    @Test
    void givesEachLayerALine() {
        for (int i = 1; i <= 200; i++) {
            ObjectNode norms = line("train", 0, i, 1).putObject("layer_gradient_norms");
            norms.put("0", 1.0).put("4", 0.1).put("10", 0.01);
        }

        LineChart chart = new MetricCharts(lines).charts().get(1);

        assertThat(chart.yAxis().logarithmic()).isTrue();
        assertThat(chart.series())
                .extracting(Series::name)
                .containsExactly("", "", "", "layer 0", "layer 4", "layer 10");
        assertThat(chart.series()).extracting(Series::colour).containsExactly(0, 1, 2, 0, 1, 2);
    }
}
