package dev.lockstep.driver.report;

import dev.lockstep.driver.evaluate.Evenly;
import dev.lockstep.driver.evaluate.Spread;
import dev.lockstep.driver.run.HistogramLine;
import java.util.Arrays;
import java.util.List;

/**
 * The histograms of one layer, the oldest at the back and the newest in front. Each is as high as the others; heights are the
 * roots of the counts, so that few values are seen beside many.
 *
 * @param lines of one layer, by step
 */
record RidgeChart(String title, List<HistogramLine> lines) {
    private static final int WIDTH = 240;
    private static final int HEIGHT = 190;
    private static final int RIGHT = WIDTH - 34;
    private static final int BOTTOM = HEIGHT - 16;
    private static final int TOP = 6;
    private static final int RIDGE = 46;
    /** More could not be told apart. */
    private static final int MOST = 10;

    private static final double FAINTEST = 0.35;

    Html figure() {
        List<HistogramLine> shown = Evenly.chosen(lines, MOST);
        double low = shown.stream()
                .mapToDouble(line -> line.spread().low())
                .filter(Double::isFinite)
                .min()
                .orElse(0);
        double high = shown.stream()
                .mapToDouble(line -> line.spread().high())
                .filter(Double::isFinite)
                .max()
                .orElse(1);
        double width = high > low ? high - low : 1;
        HistogramLine last = shown.get(shown.size() - 1);
        Html html = new Html();
        html.open("figure", "class", "chart").open("figcaption").text(title + " ");
        html.element("span", deviation(shown.get(0)) + " → " + deviation(last)).close();
        html.open("svg", "viewBox", "0 0 " + WIDTH + " " + HEIGHT, "role", "img");
        html.element("title", title + ", from step " + shown.get(0).step() + " to " + last.step());
        if (low < 0 && high > 0) {
            html.empty(
                    "path", "class", "grid", "d", "M" + Numbers.pixel(RIGHT * -low / width) + "," + TOP + "V" + BOTTOM);
        }
        for (int i = 0; i < shown.size(); i++) {
            double age = shown.size() == 1 ? 1 : (double) i / (shown.size() - 1);
            double base = TOP + RIDGE + age * (BOTTOM - TOP - RIDGE);
            HistogramLine line = shown.get(i);
            html.open(
                    "path",
                    "class",
                    "c0 ridge",
                    "style",
                    "stroke-opacity:" + Numbers.brief(FAINTEST + (1 - FAINTEST) * age, 2),
                    "d",
                    outline(line.spread(), low, width, base));
            html.element("title", words(line)).close();
            if (i == 0 || i == shown.size() - 1 || shown.size() <= MOST / 2) {
                html.element(
                        "text", Numbers.brief(line.step(), 3), "class", "y", "x", "" + WIDTH, "y", Numbers.pixel(base));
            }
        }
        html.element("text", Numbers.brief(low, 3), "x", "0", "y", "" + (HEIGHT - 3));
        html.element("text", Numbers.brief(low + width, 3), "class", "y", "x", "" + RIGHT, "y", "" + (HEIGHT - 3));
        return html.close().close();
    }

    private static String outline(Spread spread, double low, double width, double base) {
        long most = Arrays.stream(spread.counts()).max().orElse(0);
        if (most == 0) {
            return "M0," + Numbers.pixel(base) + "H" + RIGHT;
        }
        double from = RIGHT * (spread.low() - low) / width;
        double wide = RIGHT * (spread.high() - spread.low()) / width;
        StringBuilder path = new StringBuilder("M" + Numbers.pixel(from) + "," + Numbers.pixel(base));
        int bins = spread.counts().length;
        for (int i = 0; i < bins; i++) {
            double y = base - RIDGE * Math.sqrt((double) spread.counts()[i] / most);
            path.append("L")
                    .append(Numbers.pixel(from + wide * (i + 0.5) / bins))
                    .append(',')
                    .append(Numbers.pixel(y));
        }
        return path.append("L")
                .append(Numbers.pixel(from + wide))
                .append(',')
                .append(Numbers.pixel(base))
                .toString();
    }

    private static String deviation(HistogramLine line) {
        return "σ " + Numbers.brief(line.spread().deviation(), 2);
    }

    private static String words(HistogramLine line) {
        Spread spread = line.spread();
        return "after %s steps: from %s to %s, mean %s, %s%s"
                .formatted(
                        Numbers.whole(line.step()),
                        Numbers.brief(spread.low(), 3),
                        Numbers.brief(spread.high(), 3),
                        Numbers.brief(spread.mean(), 3),
                        deviation(line),
                        spread.notFinite() > 0
                                ? ", " + Numbers.whole(spread.notFinite()) + " values are not finite"
                                : "");
    }
}
