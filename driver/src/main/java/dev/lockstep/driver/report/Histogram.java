package dev.lockstep.driver.report;

import java.util.Arrays;

/**
 * How values are spread before and after something: filled bars, and the outline of the others over them. Heights are
 * the roots of the counts, so that few values are seen beside many.
 *
 * @param low where the first of the equal bins begins
 * @param high where the last one ends, above {@code low}
 * @param before values in each bin
 * @param after values in each bin, as many bins
 */
public record Histogram(String title, double low, double high, long[] before, long[] after) {
    private static final int WIDTH = 240;
    private static final int HEIGHT = 100;
    private static final int BOTTOM = HEIGHT - 16;
    private static final int TOP = 4;

    /** The chart as a {@code figure}. */
    public Html figure() {
        long most = Math.max(
                1,
                Math.max(
                        Arrays.stream(before).max().orElse(1),
                        Arrays.stream(after).max().orElse(1)));
        Html html = new Html();
        html.open("figure", "class", "chart").element("figcaption", title);
        html.open("svg", "viewBox", "0 0 " + WIDTH + " " + HEIGHT, "role", "img")
                .element("title", title);
        html.empty("path", "class", "area", "d", outline(before, most));
        html.empty("path", "class", "c1", "d", outline(after, most));
        html.empty("path", "class", "axis", "d", "M0," + BOTTOM + "H" + WIDTH);
        html.element("text", Numbers.brief(low, 3), "x", "0", "y", "" + (HEIGHT - 3));
        html.element("text", Numbers.brief(high, 3), "class", "y", "x", "" + WIDTH, "y", "" + (HEIGHT - 3));
        if (low < 0 && high > 0) {
            double zero = WIDTH * -low / (high - low);
            html.empty("path", "class", "grid", "d", "M" + Math.round(zero) + "," + TOP + "V" + BOTTOM);
        }
        return html.close().close();
    }

    private static String outline(long[] counts, long most) {
        StringBuilder path = new StringBuilder("M0," + BOTTOM);
        for (int i = 0; i < counts.length; i++) {
            long y = Math.round(BOTTOM - (BOTTOM - TOP) * Math.sqrt((double) counts[i] / most));
            path.append("V").append(y).append("H").append(Math.round((i + 1.0) * WIDTH / counts.length));
        }
        return path.append("V").append(BOTTOM).toString();
    }
}
