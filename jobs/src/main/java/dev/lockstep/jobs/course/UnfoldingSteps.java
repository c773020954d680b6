package dev.lockstep.jobs.course;

import dev.lockstep.driver.report.Html;
import java.util.Arrays;

/** im2col, window by window: what the window sees, and the row of the matrix that it becomes. */
record UnfoldingSteps(Unfolding unfolding) {
    /** More windows would only repeat themselves. */
    private static final int MOST = 9;
    /** A picture that is larger has numbers that nobody can read. */
    private static final int LARGEST_SIDE = 12;

    private static final int CELL = 26;

    Html html() {
        int[] shape = unfolding.shape();
        Html html = new Html();
        int windows = unfolding.rows();
        int shown = Math.min(MOST, windows);
        int height = shape[2] + 2 * unfolding.padding();
        int width = shape[3] + 2 * unfolding.padding();
        if (Math.max(height, width) > LARGEST_SIDE || unfolding.columns() > 2 * LARGEST_SIDE) {
            return html;
        }
        double[] images = new double[shape[0] * shape[1] * shape[2] * shape[3]];
        Arrays.setAll(images, i -> i + 1);
        double[][] matrix = unfolding.im2col(images);
        html.open("section").element("h2", "im2col, window by window");
        html.element(
                "p",
                "Each picture is a place of the window (the first channel; cells without a border are padding), and below"
                        + " it the row that it becomes. A convolution is then one product: the rows times the filters."
                        + (shown < windows ? " The first " + shown + " of " + windows + " windows." : ""));
        html.open("div", "class", "charts small");
        for (int row = 0; row < shown; row++) {
            step(html, row, height, width, matrix[row]);
        }
        return html.close().close();
    }

    private void step(Html html, int row, int height, int width, double[] values) {
        int perImage = unfolding.outputHeight() * unfolding.outputWidth();
        int image = row / perImage;
        int top = row % perImage / unfolding.outputWidth() * unfolding.stride();
        int left = row % unfolding.outputWidth() * unfolding.stride();
        int[] shape = unfolding.shape();
        int kernel = unfolding.kernel();
        html.open("figure", "class", "chart").element("figcaption", "Row " + (row + 1) + ", image " + (image + 1));
        html.open(
                "svg",
                "viewBox",
                "0 0 " + (width * CELL + 2) + " " + (height * CELL + 2),
                "role",
                "img",
                "class",
                "cells",
                "style",
                "max-width:" + (width * CELL + 2) + "px");
        html.element(
                "title",
                "The window over rows " + (top + 1) + " to " + (top + kernel) + " and columns " + (left + 1) + " to "
                        + (left + kernel));
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int h = y - unfolding.padding();
                int w = x - unfolding.padding();
                boolean inside = h >= 0 && h < shape[2] && w >= 0 && w < shape[3];
                boolean seen = y >= top && y < top + kernel && x >= left && x < left + kernel;
                html.empty(
                        "rect",
                        "class",
                        (seen ? "seen" : "") + (inside ? " pixel" : ""),
                        "x",
                        "" + (x * CELL + 1),
                        "y",
                        "" + (y * CELL + 1),
                        "width",
                        "" + CELL,
                        "height",
                        "" + CELL);
                int pixel = inside ? (image * shape[1] * shape[2] + h) * shape[3] + w + 1 : 0;
                html.element(
                        "text",
                        Integer.toString(pixel),
                        "class",
                        "x",
                        "x",
                        "" + (x * CELL + 1 + CELL / 2),
                        "y",
                        "" + (y * CELL + 5 + CELL / 2));
            }
        }
        html.close();
        StringBuilder text = new StringBuilder();
        for (double value : values) {
            text.append(text.length() == 0 ? "" : " ").append((long) value);
        }
        html.element("p", text.toString(), "class", "row").close();
    }
}
