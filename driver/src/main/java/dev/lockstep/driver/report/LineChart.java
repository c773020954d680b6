package dev.lockstep.driver.report;

import dev.lockstep.driver.report.Series.Point;
import dev.lockstep.driver.report.Series.Style;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.DoubleStream;

/**
 * Lines in one frame, as inline SVG that fills the width it is given, with a legend below. Colours and sizes of text
 * are the page's ({@link Page}).
 *
 * @param xAxis of all series
 * @param yAxis of all series
 * @param series drawn in this order, the last on top
 */
public record LineChart(String title, Axis xAxis, Axis yAxis, List<Series> series) {
    static final int WIDTH = 480;
    static final int HEIGHT = 270;
    static final int LEFT = 54;
    static final int RIGHT = WIDTH - 14;
    static final int TOP = 10;
    static final int BOTTOM = HEIGHT - 40;

    /** No series has more points than this: there are not more pixels to see them on. */
    private static final int MOST_POINTS = 600;
    /** Of all series together, so that many series do not make a big file. */
    private static final int MOST_POINTS_TOGETHER = 6000;

    private static final int FEWEST_POINTS = 60;
    /** What a reader can look into: so many points of a series, and so many of all together. */
    private static final int MOST_VALUES = 2000;

    private static final int MOST_VALUES_TOGETHER = 40_000;
    private static final int FEWEST_VALUES = 200;
    private static final int VALUE_DIGITS = 5;
    /** More dots would hide their line. */
    private static final int MOST_DOTS = 100;

    static final int COLOURS = 8;
    private static final int DASHES = 3;
    private static final int TICK_DIGITS = 6;

    // Of a file of its own:
    private static final int TITLE_HEIGHT = 30;
    private static final int LEGEND_HEIGHT = 18;
    /** The page's look on a light screen, without what not every reader of SVG knows. */
    private static final String STYLE = """
            text { fill: #5a626b; font: 11px Helvetica, Arial, sans-serif }
            rect { fill: #fff; stroke: #d0d7de }
            path { fill: none; stroke-width: 1.6; stroke-linejoin: round; stroke-linecap: round }
            circle { fill: #fff; stroke-width: 1.6 }
            .title { fill: #1c2024; font-size: 13px; font-weight: bold } .x { text-anchor: middle } .y { text-anchor: end }
            .grid { stroke: #d9dde2; stroke-width: .7 } .axis { stroke: #5a626b; stroke-width: 1 }
            .d1 { stroke-dasharray: 6 4 } .d2 { stroke-dasharray: 1 4 } .faint { opacity: .4; stroke-width: 1 }
            .c0 { stroke: #0072b2 } .c1 { stroke: #d55e00 } .c2 { stroke: #007f5f } .c3 { stroke: #b0478a }
            .c4 { stroke: #a87400 } .c5 { stroke: #2a8fc7 } .c6 { stroke: #5b5b5b } .c7 { stroke: #6f4fc0 }
            """;

    public LineChart {
        series = List.copyOf(series);
    }

    /**
     * A chart whose axes are made for its points.
     *
     * @param y makes the axis of the values that it is given
     */
    public static LineChart of(String title, String xLabel, Function<DoubleStream, Axis> y, List<Series> series) {
        Axis xAxis = Axis.whole(
                xLabel, series.stream().flatMapToDouble(s -> s.points().stream().mapToDouble(Point::x)));
        Axis yAxis =
                y.apply(series.stream().flatMapToDouble(s -> s.points().stream().mapToDouble(Point::y)));
        return new LineChart(title, xAxis, yAxis, series);
    }

    /** Whether there is nothing to draw. */
    public boolean isEmpty() {
        return series.stream().allMatch(s -> s.points().stream().noneMatch(this::shows));
    }

    /** The chart as a {@code figure}. */
    public Html figure() {
        Html html = new Html();
        html.open(
                "figure",
                "class",
                "chart",
                "data-log",
                yAxis.logarithmic() ? "" : null,
                "data-zero",
                yAxis.low() == 0 ? "" : null,
                "data-epoch",
                epoch(clock()),
                "data-clock",
                seconds(clock()));
        html.open("figcaption").text(title);
        if (!yAxis.label().isEmpty()) {
            html.text(" ").element("span", yAxis.label());
        }
        html.close();
        html.open("svg", "viewBox", "0 0 " + WIDTH + " " + HEIGHT, "role", "img");
        html.element("title", title).element("desc", description());
        drawAll(html, true);
        html.close();
        drawLegend(html);
        return html.close();
    }

    /** The chart as an SVG file of its own, with its colours, its title and its legend in it. */
    public String svg() {
        List<Series> named = series.stream().filter(s -> !s.name().isEmpty()).toList();
        int height = TITLE_HEIGHT + HEIGHT + LEGEND_HEIGHT * ((named.size() + 1) / 2) + TOP;
        Html html = new Html();
        html.open("svg", "xmlns", "http://www.w3.org/2000/svg", "viewBox", "0 0 " + WIDTH + " " + height);
        html.element("title", title).element("desc", description()).element("style", STYLE);
        html.empty(
                "rect",
                "x",
                "1",
                "y",
                "1",
                "width",
                Numbers.pixel(WIDTH - 2),
                "height",
                Numbers.pixel(height - 2),
                "rx",
                "6");
        html.element("text", title + ", " + yAxis.label(), "class", "title", "x", Numbers.pixel(TOP), "y", "19");
        html.open("g", "transform", "translate(0," + TITLE_HEIGHT + ")");
        drawAll(html, false);
        for (int i = 0; i < named.size(); i++) {
            int x = i % 2 == 0 ? LEFT : (LEFT + RIGHT) / 2;
            int y = HEIGHT + LEGEND_HEIGHT * (i / 2) + LEGEND_HEIGHT / 2;
            html.empty("path", "class", classes(named.get(i)), "d", "M" + x + "," + y + "h20");
            html.element(
                    "text",
                    named.get(i).name(),
                    "x",
                    Numbers.pixel(x + 26),
                    "y",
                    Numbers.pixel(y),
                    "dominant-baseline",
                    "central");
        }
        return html.close().close() + "\n";
    }

    /** @param values whether each line has its values with it */
    private void drawAll(Html html, boolean values) {
        drawFrame(html);
        int count = Math.max(1, series.size());
        int most = Math.max(FEWEST_POINTS, Math.min(MOST_POINTS, MOST_POINTS_TOGETHER / count));
        int kept = Math.max(FEWEST_VALUES, Math.min(MOST_VALUES, MOST_VALUES_TOGETHER / count));
        boolean fewLines = series.size() <= COLOURS;
        for (Series each : series) {
            String[] data = values ? data(each, kept) : new String[0];
            if (each.window() < 2) {
                draw(html, each, each.thinned(most), each.style() == Style.FAINT, data);
                continue;
            }
            if (fewLines) {
                draw(html, each, each.thinned(most), true, data);
            }
            draw(html, each, each.smoothed(each.window()).thinned(most), false, fewLines ? new String[0] : data);
        }
    }

    /** What report.js reads of a line. */
    private String[] data(Series each, int most) {
        boolean shared = each.clock().equals(clock());
        boolean thinned = each.points().size() > most || each.curve().isThinned();
        return new String[] {
            "data-name",
            each.name(),
            "data-style",
            each.style().name().toLowerCase(Locale.ROOT),
            "data-v",
            values(each.thinned(most).points()),
            "data-m",
            thinned ? values(each.means(most / 2)) : null,
            "data-epoch",
            shared ? null : epoch(each.clock()),
            "data-clock",
            shared ? null : seconds(each.clock())
        };
    }

    /** What all its lines have in common, or else the first. */
    private StepClock clock() {
        return series.isEmpty() ? StepClock.NONE : series.get(0).clock();
    }

    private static String epoch(StepClock clock) {
        return clock.stepsPerEpoch() == 0 ? null : Long.toString(clock.stepsPerEpoch());
    }

    private static String seconds(StepClock clock) {
        return clock.seconds().isEmpty() ? null : values(clock.seconds());
    }

    /** {@code x,y x,y}: x as it is, y with as many digits as can be told apart. */
    private static String values(List<Point> points) {
        StringBuilder text = new StringBuilder();
        for (Point point : points) {
            text.append(text.length() == 0 ? "" : " ")
                    .append(number(point.x(), 10))
                    .append(',');
            text.append(number(point.y(), VALUE_DIGITS));
        }
        return text.toString();
    }

    private static String number(double value, int digits) {
        if (!Double.isFinite(value)) {
            return "NaN";
        }
        if (value == Math.rint(value) && Math.abs(value) < 1e9) {
            return Long.toString((long) value);
        }
        return new BigDecimal(value)
                .round(new MathContext(digits))
                .stripTrailingZeros()
                .toString();
    }

    private void drawFrame(Html html) {
        for (double tick : yAxis.ticks()) {
            String y = Numbers.pixel(y(tick));
            html.empty("path", "class", "grid", "d", "M" + LEFT + "," + y + "H" + RIGHT);
            html.element(
                    "text",
                    Numbers.brief(tick, TICK_DIGITS),
                    "class",
                    "y",
                    "x",
                    Numbers.pixel(LEFT - 6),
                    "y",
                    y,
                    "dominant-baseline",
                    "central");
        }
        for (double tick : xAxis.ticks()) {
            String x = Numbers.pixel(x(tick));
            html.empty("path", "class", "grid", "d", "M" + x + "," + TOP + "V" + BOTTOM);
            html.element(
                    "text", Numbers.brief(tick, TICK_DIGITS), "class", "x", "x", x, "y", Numbers.pixel(BOTTOM + 16));
        }
        html.empty("path", "class", "axis", "d", "M" + LEFT + "," + BOTTOM + "H" + RIGHT);
        html.element(
                "text",
                xAxis.label(),
                "class",
                "x",
                "x",
                Numbers.pixel((LEFT + RIGHT) / 2.0),
                "y",
                Numbers.pixel(HEIGHT - 6));
    }

    /** @param shown its points, thinned or smoothed */
    private void draw(Html html, Series each, Series shown, boolean faint, String... data) {
        StringBuilder line = new StringBuilder();
        boolean drawing = false;
        for (Point point : shown.points()) {
            if (shows(point)) {
                String at = Numbers.pixel(x(point.x())) + "," + Numbers.pixel(y(point.y()));
                // The line of no length is for a point alone: its round ends make it a dot.
                line.append(drawing ? "L" + at : "M" + at + "h0");
            }
            drawing = shows(point);
        }
        if (line.length() > 0) {
            List<String> attributes = new ArrayList<>(List.of("class", classes(each) + (faint ? " faint" : "")));
            attributes.addAll(List.of("d", line.toString()));
            attributes.addAll(Arrays.asList(data));
            html.empty("path", attributes.toArray(String[]::new));
        }
        if (each.style() == Style.DOTS && each.points().size() <= MOST_DOTS) {
            for (Point point : each.points()) {
                if (shows(point)) {
                    html.open(
                            "circle",
                            "class",
                            classes(each),
                            "cx",
                            Numbers.pixel(x(point.x())),
                            "cy",
                            Numbers.pixel(y(point.y())),
                            "r",
                            "3");
                    html.element(
                            "title", each.name() + " " + Numbers.brief(point.y()) + " at " + Numbers.whole(point.x()));
                    html.close();
                }
            }
        }
    }

    private void drawLegend(Html html) {
        html.open("ul", "class", "legend");
        for (Series each : series) {
            if (each.name().isEmpty()) {
                continue;
            }
            html.open("li", "data-of", each.name());
            html.open("svg", "viewBox", "0 0 24 10", "aria-hidden", "true");
            html.empty("path", "class", classes(each), "d", "M2,5H22");
            if (each.style() == Style.DOTS) {
                html.empty("circle", "class", classes(each), "cx", "12", "cy", "5", "r", "3");
            }
            html.close();
            html.text(each.name());
            if (each.style() != Style.FAINT) {
                html.text(" ").element("b", Numbers.brief(each.last()));
            }
            html.close();
        }
        html.close();
    }

    /** What a reader who does not see the chart hears. */
    private String description() {
        StringBuilder text = new StringBuilder();
        for (Series each : series) {
            double[] values = each.points().stream()
                    .filter(this::shows)
                    .mapToDouble(Point::y)
                    .toArray();
            if (values.length > 0 && !each.name().isEmpty()) {
                text.append(String.format(
                        Locale.ROOT,
                        "%s: from %s to %s, lowest %s, highest %s. ",
                        each.name(),
                        Numbers.brief(values[0]),
                        Numbers.brief(values[values.length - 1]),
                        Numbers.brief(DoubleStream.of(values).min().getAsDouble()),
                        Numbers.brief(DoubleStream.of(values).max().getAsDouble())));
            }
        }
        return text + "Over " + xAxis.label() + " from " + Numbers.whole(xAxis.low()) + " to "
                + Numbers.whole(xAxis.high()) + (yAxis.logarithmic() ? ", on a logarithmic scale." : ".");
    }

    private boolean shows(Point point) {
        return xAxis.shows(point.x()) && yAxis.shows(point.y());
    }

    private double x(double value) {
        return LEFT + (RIGHT - LEFT) * xAxis.position(value);
    }

    private double y(double value) {
        return BOTTOM - (BOTTOM - TOP) * yAxis.position(value);
    }

    private static String classes(Series each) {
        int dash = each.colour() / COLOURS % DASHES;
        return "c" + each.colour() % COLOURS + (dash == 0 ? "" : " d" + dash);
    }
}
