package dev.lockstep.jobs.course;

import com.typesafe.config.Config;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * im2col and col2im, written to be looked at (the kernels that train are in the worker's {@code kernel} package).
 *
 * <p>Letters: N images, C channels, H x W pixels, K kernel, S stride, P padding; OH = (H + 2P - K) / S + 1, OW likewise.
 *
 * @param shape {@code [N, C, H, W]}
 */
record Unfolding(int[] shape, int kernel, int stride, int padding) {
    /** Of what is printed pixel by pixel. */
    private static final int LARGEST = 32;

    Unfolding {
        if (outputSize(shape[2], kernel, stride, padding) < 1 || outputSize(shape[3], kernel, stride, padding) < 1) {
            throw new IllegalArgumentException("kernel " + kernel + "x" + kernel + " is larger than its input of "
                    + shape[2] + "x" + shape[3] + " with padding " + padding);
        }
    }

    private static int outputSize(int size, int kernel, int stride, int padding) {
        return Math.floorDiv(size + 2 * padding - kernel, stride) + 1;
    }

    int outputHeight() {
        return outputSize(shape[2], kernel, stride, padding);
    }

    int outputWidth() {
        return outputSize(shape[3], kernel, stride, padding);
    }

    int rows() {
        return shape[0] * outputHeight() * outputWidth();
    }

    int columns() {
        return shape[1] * kernel * kernel;
    }

    private interface Tap {
        /** @param pixel its index in the images, or -1 in the padding */
        void at(int row, int column, int pixel);
    }

    /** Every place of the matrix with its pixel: a row for each place of the window, a column for each of its taps. */
    private void walk(Tap tap) {
        for (int n = 0; n < shape[0]; n++) {
            for (int oh = 0; oh < outputHeight(); oh++) {
                for (int ow = 0; ow < outputWidth(); ow++) {
                    int row = (n * outputHeight() + oh) * outputWidth() + ow;
                    for (int column = 0; column < columns(); column++) {
                        int c = column / (kernel * kernel);
                        int h = oh * stride + column / kernel % kernel - padding;
                        int w = ow * stride + column % kernel - padding;
                        boolean inside = h >= 0 && h < shape[2] && w >= 0 && w < shape[3];
                        tap.at(row, column, inside ? ((n * shape[1] + c) * shape[2] + h) * shape[3] + w : -1);
                    }
                }
            }
        }
    }

    /**
     * Images to matrix: {@code [N OH OW, C K K]}, each row what one window sees; padding is 0.
     *
     * @param images {@code [N C H W]}, in that order
     */
    double[][] im2col(double[] images) {
        double[][] matrix = new double[rows()][columns()];
        walk((row, column, pixel) -> matrix[row][column] = pixel < 0 ? 0 : images[pixel]);
        return matrix;
    }

    /**
     * The same values reshaped without the transpose before: the loop fills {@code [N, C, K, K, OH, OW]}, and read in
     * that order a row holds pixels of different windows.
     */
    double[][] withoutTranspose(double[] images) {
        double[] filled = new double[rows() * columns()];
        int windows = outputHeight() * outputWidth();
        walk((row, column, pixel) -> {
            int n = row / windows;
            filled[(n * columns() + column) * windows + row % windows] = pixel < 0 ? 0 : images[pixel];
        });
        double[][] matrix = new double[rows()][];
        for (int row = 0; row < rows(); row++) {
            matrix[row] = Arrays.copyOfRange(filled, row * columns(), (row + 1) * columns());
        }
        return matrix;
    }

    /** Matrix to images: the sum at each pixel of every place that im2col took it to; what went to the padding is lost. */
    double[] col2im(double[][] matrix) {
        double[] images = new double[shape[0] * shape[1] * shape[2] * shape[3]];
        walk((row, column, pixel) -> {
            if (pixel >= 0) {
                images[pixel] += matrix[row][column];
            }
        });
        return images;
    }

    /**
     * The course's case, or another one.
     *
     * @param turned {@code size} ([N, C, H, W]), {@code filter}, {@code stride}, {@code padding}
     */
    static Unfolding turned(Config turned) {
        List<Integer> size = turned.hasPath("size") ? turned.getIntList("size") : List.of(2, 1, 4, 4);
        int filter = turned.hasPath("filter") ? turned.getInt("filter") : 3;
        int stride = turned.hasPath("stride") ? turned.getInt("stride") : 1;
        int padding = turned.hasPath("padding") ? turned.getInt("padding") : 0;
        boolean fits = size.size() == 4 && size.stream().allMatch(n -> n > 0 && n <= LARGEST);
        if (!fits || filter < 1 || filter > LARGEST || stride < 1 || padding < 0 || padding >= filter) {
            throw new IllegalArgumentException("expected size=[N,C,H,W] of at most " + LARGEST
                    + " each, a filter and a stride from 1, a padding smaller than the filter");
        }
        return new Unfolding(size.stream().mapToInt(Integer::intValue).toArray(), filter, stride, padding);
    }

    /**
     * The exercise: the course's case and what it says to try.
     *
     * @param turned another case alone, as {@link #turned} has it
     */
    static List<Passage> exercise(Config turned) {
        if (!turned.isEmpty()) {
            return turned(turned).passages();
        }
        List<Passage> passages = new ArrayList<>();
        passages.addAll(new Unfolding(new int[] {2, 1, 4, 4}, 3, 1, 0).passages());
        passages.addAll(new Unfolding(new int[] {1, 1, 4, 4}, 3, 1, 1).passages());
        passages.addAll(new Unfolding(new int[] {1, 1, 4, 4}, 2, 2, 0).passages());
        passages.addAll(new Unfolding(new int[] {1, 2, 3, 3}, 2, 1, 0).passages());
        passages.addAll(new Unfolding(new int[] {1, 1, 6, 6}, 2, 1, 1).passages());
        return passages;
    }

    private List<Passage> passages() {
        double[] images = new double[shape[0] * shape[1] * shape[2] * shape[3]];
        double[][] ones = new double[rows()][columns()];
        for (int i = 0; i < images.length; i++) {
            images[i] = i + 1; // 0 is the padding
        }
        for (double[] row : ones) {
            Arrays.fill(row, 1);
        }
        String name = String.format(
                Locale.ROOT,
                "(%d,%d,%d,%d), %dx%d, stride %d, padding %d",
                shape[0],
                shape[1],
                shape[2],
                shape[3],
                kernel,
                kernel,
                stride,
                padding);
        String sizes = String.format(
                Locale.ROOT,
                "OH = (%d + 2*%d - %d) / %d + 1 = %d, OW = %d; the matrix is %d*%d*%d x %d*%d*%d = %dx%d",
                shape[2],
                padding,
                kernel,
                stride,
                outputHeight(),
                outputWidth(),
                shape[0],
                outputHeight(),
                outputWidth(),
                shape[1],
                kernel,
                kernel,
                rows(),
                columns());
        return List.of(new Passage(
                name,
                sizes + "\n\nimages, the pixels numbered from 1 (0 is padding):\n" + pictures(images)
                        + "\nim2col, transposed (0,4,5,1,2,3) and reshaped: a row is a window\n" + lines(im2col(images))
                        + "\nreshaped without the transpose: a row mixes windows, no product of it is a convolution\n"
                        + lines(withoutTranspose(images))
                        + "\ncol2im of that many ones: how many windows see each pixel\n" + pictures(col2im(ones))));
    }

    private String pictures(double[] images) {
        StringBuilder text = new StringBuilder();
        int rows = shape[0] * shape[1] * shape[2];
        for (int row = 0; row < rows; row++) {
            if (row > 0 && row % shape[2] == 0) {
                text.append('\n');
            }
            line(text, Arrays.copyOfRange(images, row * shape[3], (row + 1) * shape[3]));
        }
        return text.toString();
    }

    private static String lines(double[][] matrix) {
        StringBuilder text = new StringBuilder();
        for (double[] row : matrix) {
            line(text, row);
        }
        return text.toString();
    }

    private static void line(StringBuilder text, double[] values) {
        text.append('[');
        for (double value : values) {
            text.append(String.format(Locale.ROOT, "%4.0f", value));
        }
        text.append(" ]\n");
    }
}
