package dev.lockstep.driver.report;

/**
 * A chart of shares over shares: both axes from 0 to 100 %.
 *
 * @param description for those who do not see it
 * @param x what is to the right
 * @param y what is up
 * @param inside what is drawn, at {@link #right} and {@link #up}
 */
public record UnitSquare(String title, String description, String x, String y, Html inside) {
    private static final int SIDE = 240;
    private static final int LEFT = 48;
    private static final int TOP = 10;
    private static final int BOTTOM = TOP + SIDE;
    private static final int WIDTH = LEFT + SIDE + 20;

    public Html figure() {
        Html html = new Html();
        html.open("figure", "class", "chart", "style", "max-width:460px").open("figcaption");
        html.text(title + " ").element("span", "↑ " + y + " → " + x).close();
        html.open("svg", "viewBox", "0 0 " + WIDTH + " " + (BOTTOM + 22), "role", "img");
        html.element("title", description);
        for (int percent = 0; percent <= 100; percent += 25) {
            String across = right(percent / 100.0);
            String high = up(percent / 100.0);
            html.empty(
                    "path",
                    "class",
                    "grid",
                    "d",
                    "M" + LEFT + "," + high + "h" + SIDE + "M" + across + "," + TOP + "v" + SIDE);
            html.element(
                    "text",
                    percent + " %",
                    "class",
                    "x",
                    "style",
                    percent == 0 ? "text-anchor:start" : null, // clear of the other axis's
                    "x",
                    across,
                    "y",
                    Numbers.pixel(BOTTOM + 16));
            html.element(
                    "text",
                    percent + " %",
                    "class",
                    "y",
                    "x",
                    Numbers.pixel(LEFT - 4),
                    "y",
                    high,
                    "dominant-baseline",
                    "central");
        }
        html.add(inside);
        return html.close().close();
    }

    /** Where a share is to the right. */
    public static String right(double share) {
        return Numbers.pixel(LEFT + SIDE * share);
    }

    /** Where a share is upwards. */
    public static String up(double share) {
        return Numbers.pixel(BOTTOM - SIDE * share);
    }
}
