package dev.lockstep.driver.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.driver.report.Series.Point;
import dev.lockstep.driver.report.Series.Style;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The frame goes from x = 54 to 466 and, upwards, from y = 230 to 10. */
class LineChartTest {

    private static Series series(String name, int colour, Style style, double... values) {
        return new Series(
                name,
                colour,
                style,
                IntStream.range(0, values.length)
                        .mapToObj(i -> new Point(i + 1, values[i]))
                        .toList());
    }

    private static String figure(Series... series) {
        return LineChart.of("Loss", "steps", values -> Axis.fromZero("nats", values), List.of(series))
                .figure()
                .toString();
    }

    @Test
    void drawsPointsWhereTheyBelong() {
        assertThat(figure(series("train", 0, Style.LINE, 2, 1.5, 0.5, 1, 0)))
                .contains("<path class=\"c0\" d=\"M54,10h0L157,65L260,175L363,120L466,230\" data-name=\"train\"");
    }

    /** A title of 30 above the frame, and below it a row of 18 for each two names. */
    @Test
    void isAFileOfItsOwn() {
        String svg = LineChart.of(
                        "Loss",
                        "steps",
                        values -> Axis.fromZero("nats", values),
                        List.of(
                                series("a", 0, Style.LINE, 2, 0),
                                series("b & c", 1, Style.LINE, 0, 2),
                                series("d", 8, Style.LINE, 0, 1)))
                .svg();
        assertThat(svg)
                .startsWith("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 480 346\">")
                .contains(">Loss, nats</text>", ".c1 { stroke: ", "<path class=\"c0\" d=\"M54,10h0L466,230\"/>")
                .contains("<path class=\"c0\" d=\"M54,279h20\"/>", "<path class=\"c1\" d=\"M260,279h20\"/>")
                .contains("<path class=\"c0 d1\" d=\"M54,297h20\"/>", ">b &amp; c</text>")
                .endsWith("</g></svg>\n");
    }

    @Test
    void placesMarks() {
        assertThat(figure(series("train", 0, Style.LINE, 2, 1)))
                .contains(">0</text>", ">0.5</text>", ">1</text>", ">1.5</text>", ">2</text>")
                .contains("<path class=\"grid\" d=\"M54,175H466\"/>")
                .contains("<text class=\"y\" x=\"48\" y=\"175\" dominant-baseline=\"central\">0.5</text>")
                .contains("<text class=\"x\" x=\"54\" y=\"246\">1</text>")
                .contains("<text class=\"x\" x=\"466\" y=\"246\">2</text>")
                .contains("<text class=\"x\" x=\"260\" y=\"264\">steps</text>")
                .contains("<figcaption>Loss <span>nats</span></figcaption>");
    }

    @Test
    void breaksTheLineAtWhatCannotBeDrawn() {
        assertThat(figure(series("train", 0, Style.LINE, 2, Double.NaN, 1, Double.POSITIVE_INFINITY, 0)))
                .contains("d=\"M54,10h0M260,120h0M466,230h0\"");
    }

    @Test
    void breaksALogarithmicLineAtZero() {
        String figure = LineChart.of(
                        "Norm",
                        "steps",
                        values -> Axis.logarithmic("", values),
                        List.of(series("layer 0", 0, Style.LINE, 100, 10, 0, 1)))
                .figure()
                .toString();

        assertThat(figure).contains("d=\"M54,10h0L191.3,120M466,230h0\"").contains("on a logarithmic scale.");
    }

    @Test
    void coloursSeriesAndDashesThemWhenColoursRunOut() {
        String figure = figure(
                series("a", 1, Style.LINE, 1, 2),
                series("b", 9, Style.LINE, 1, 2),
                series("c", 17, Style.LINE, 1, 2),
                series("d", 25, Style.FAINT, 1, 2));

        assertThat(figure)
                .contains("<path class=\"c1\"", "<path class=\"c1 d1\"", "<path class=\"c1 d2\"")
                .contains("<path class=\"c1 faint\"");
    }

    @Test
    void dotsFewPointsAndTellsTheirValues() {
        assertThat(figure(series("test", 2, Style.DOTS, 2)))
                .contains("<circle class=\"c2\" cx=\"260\" cy=\"10\" r=\"3\"><title>test 2 at 1</title></circle>");
        assertThat(figure(series("test", 2, Style.DOTS, new double[101]))).doesNotContain("<title>test");
    }

    @Test
    void theLegendNamesSeriesWithTheirLastValues() {
        String figure = figure(
                series("", 0, Style.FAINT, 7, 5),
                series("each step", 0, Style.FAINT, 3, 4),
                series("train", 0, Style.LINE, 3, 0.28461));

        assertThat(figure).containsPattern("</svg>each step</li>").contains("</svg>train <b>0.2846</b></li>");
        assertThat(figure.split("<li ", -1)).hasSize(3);
    }

    @Test
    void describesItselfToThoseWhoCannotSee() {
        assertThat(figure(series("train", 0, Style.LINE, 2, 0.5, 1)))
                .contains("<svg viewBox=\"0 0 480 270\" role=\"img\"><title>Loss</title>"
                        + "<desc>train: from 2 to 1, lowest 0.5, highest 2. Over steps from 1 to 3.</desc>");
    }

    @Test
    void escapesNames() {
        assertThat(figure(series("<script>alert(1)</script>", 0, Style.DOTS, 1, 2)))
                .doesNotContain("<script")
                .contains("&lt;script&gt;alert(1)&lt;/script&gt;");
    }

    @Test
    void drawsNoMoreThanCanBeSeen() {
        Series train = series(
                "train",
                0,
                Style.LINE,
                IntStream.range(0, 50_000).mapToDouble(i -> i % 97).toArray());
        assertThat(longestLine(figure(train))).isEqualTo(600);

        Series[] many = IntStream.range(0, 40).mapToObj(i -> train).toArray(Series[]::new);
        assertThat(longestLine(figure(many))).isEqualTo(150);
    }

    @Test
    void isEmptyWhenNothingCanBeDrawn() {
        assertThat(LineChart.of("", "", v -> Axis.logarithmic("", v), List.of(series("", 0, Style.LINE, 0, -1)))
                        .isEmpty())
                .isTrue();
        assertThat(LineChart.of("", "", v -> Axis.linear("", v), List.of(series("", 0, Style.LINE, 0)))
                        .isEmpty())
                .isFalse();
        assertThat(figure()).contains("</svg>");
    }

    private static String attribute(String figure, String name) {
        Matcher found = Pattern.compile(" " + name + "=\"([^\"]*)\"").matcher(figure);
        return found.find() ? found.group(1) : null;
    }

    @Test
    void bringsItsValuesForWhoeverLooksIntoIt() {
        String figure = figure(series("train", 0, Style.LINE, 2, 0.123456789, Double.NaN, 1e-7));
        assertThat(attribute(figure, "data-v")).isEqualTo("1,2 2,0.12346 3,NaN 4,1E-7");
        assertThat(attribute(figure, "data-m")).isNull();
        assertThat(attribute(figure, "data-clock")).isNull();

        StepClock clock = new StepClock(390, List.of(new Point(1, 0), new Point(4, 2.5)));
        StepClock other = new StepClock(20, List.of());
        String timed = figure(
                series("a", 0, Style.LINE, 2, 1).at(clock),
                series("b", 0, Style.LINE, 2, 1).at(other));
        assertThat(timed)
                .contains("data-epoch=\"390\" data-clock=\"1,0 4,2.5\"><figcaption>")
                .contains("data-name=\"b\" data-style=\"line\" data-v=\"1,2 2,1\" data-epoch=\"20\"/>");
    }

    /** The least and the greatest of each 50 steps, and their mean, which is what is smoothed. */
    @Test
    void bringsAtMostTwoThousandValuesOfALongCurve() {
        double[] values = IntStream.range(0, 50_000).mapToDouble(i -> i % 50).toArray();
        String figure = figure(series("train", 0, Style.NOISY, values));
        assertThat(attribute(figure, "data-v").split(" ")).hasSize(2000).startsWith("1,0", "50,49", "51,0");
        assertThat(attribute(figure, "data-m").split(" ")).hasSize(1000).startsWith("26,24.5", "76,24.5");
    }

    private static int longestLine(String figure) {
        return Pattern.compile(" d=\"([^\"]*)\"")
                .matcher(figure)
                .results()
                .map((MatchResult path) -> path.group(1).split("[ML]", -1).length - 1)
                .max(Integer::compare)
                .orElse(0);
    }
}
