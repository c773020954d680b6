package dev.lockstep.worker.picture;

/**
 * Takes a part of a picture to another size, and to grey or colours. Along each axis, columns first, a pixel is the mean of
 * those around its centre, weighted by a triangle that is two pixels wide, of the result where it is smaller (so that
 * shrinking averages over all pixels and leaves none out), of the source where it is larger (linear interpolation). Weights
 * are rounded to 22 binary places, sums to a byte after each axis: the arithmetic of Pillow's {@code Image.resize} with
 * {@code BILINEAR} and {@code box} (libImaging/Resample.c), to the bit where the box's borders are float32.
 */
final class Resampler {
    private static final int PLACES = 22;
    private static final int HALF = 1 << (PLACES - 1);

    private Resampler() {}

    /** A part of a picture, in pixels; borders may lie within one. */
    record Box(double left, double top, double right, double bottom) {

        static Box all(Pixels pixels) {
            return new Box(0, 0, pixels.width(), pixels.height());
        }

        /** The largest part of a shape, from the middle. */
        static Box middle(Pixels pixels, int width, int height) {
            long wide = (long) pixels.width() * height;
            long high = (long) pixels.height() * width;
            double across = wide > high ? (double) high / height : pixels.width();
            double down = wide < high ? (double) wide / width : pixels.height();
            double left = (pixels.width() - across) / 2;
            double top = (pixels.height() - down) / 2;
            return new Box(left, top, left + across, top + down);
        }
    }

    /**
     * The weights of the source's pixels along an axis.
     *
     * @param first the first pixel that counts, {@code [size]}
     * @param weights of that and the next ones, {@code [size][pixels]}
     */
    private record Axis(int[] first, int[][] weights) {

        static Axis of(int pixels, double from, double to, int size) {
            double scale = (to - from) / size;
            double support = Math.max(1, scale);
            int[] first = new int[size];
            int[][] weights = new int[size][];
            for (int i = 0; i < size; i++) {
                double centre = from + (i + 0.5) * scale;
                int start = Math.max(0, (int) (centre - support + 0.5));
                double[] exact = new double[Math.min(pixels, (int) (centre + support + 0.5)) - start];
                double sum = 0;
                for (int j = 0; j < exact.length; j++) {
                    exact[j] = Math.max(0, 1 - Math.abs((j + start - centre + 0.5) * (1 / support)));
                    sum += exact[j];
                }
                first[i] = start;
                weights[i] = new int[exact.length];
                for (int j = 0; j < exact.length; j++) {
                    weights[i][j] = (int) (0.5 + exact[j] / sum * (1 << PLACES));
                }
            }
            return new Axis(first, weights);
        }

        int end(int i) {
            return first[i] + weights[i].length;
        }
    }

    /**
     * @param channels 1 for grey, 3 for red, green and blue
     * @return {@code [channels][height][width]}
     */
    static byte[] resample(Pixels pixels, Box box, int channels, int height, int width) {
        Axis columns = Axis.of(pixels.width(), box.left(), box.right(), width);
        Axis rows = Axis.of(pixels.height(), box.top(), box.bottom(), height);
        byte[] stored = new byte[pixels.width() * pixels.channels()];
        byte[] wanted = pixels.channels() == channels ? stored : new byte[pixels.width() * channels];
        int[] narrow = new int[width * channels];
        int[] sums = new int[height * narrow.length];
        int lowest = 0;
        for (int y = rows.first[0]; y < rows.end(height - 1); y++) {
            pixels.row(y, stored);
            Colours.convert(stored, pixels.channels(), wanted, channels, pixels.width());
            across(wanted, columns, channels, narrow);
            while (rows.end(lowest) <= y) {
                lowest++;
            }
            for (int row = lowest; row < height && rows.first[row] <= y; row++) {
                int weight = rows.weights[row][y - rows.first[row]];
                int at = row * narrow.length;
                for (int i = 0; i < narrow.length; i++) {
                    sums[at + i] += weight * narrow[i];
                }
            }
        }
        return planes(sums, channels);
    }

    /** One row of the source to the result's width. */
    private static void across(byte[] row, Axis columns, int channels, int[] narrow) {
        for (int x = 0; x * channels < narrow.length; x++) {
            int[] weights = columns.weights[x];
            int at = columns.first[x] * channels;
            int first = 0;
            if (channels == 1) {
                for (int i = 0; i < weights.length; i++) {
                    first += weights[i] * (row[at + i] & 0xff);
                }
            } else {
                int second = 0;
                int third = 0;
                for (int i = 0; i < weights.length; i++, at += 3) {
                    int weight = weights[i];
                    first += weight * (row[at] & 0xff);
                    second += weight * (row[at + 1] & 0xff);
                    third += weight * (row[at + 2] & 0xff);
                }
                narrow[3 * x + 1] = rounded(second);
                narrow[3 * x + 2] = rounded(third);
            }
            narrow[channels * x] = rounded(first);
        }
    }

    private static byte[] planes(int[] sums, int channels) {
        byte[] planes = new byte[sums.length];
        int plane = sums.length / channels;
        for (int i = 0; i < plane; i++) {
            for (int channel = 0; channel < channels; channel++) {
                planes[channel * plane + i] = (byte) rounded(sums[i * channels + channel]);
            }
        }
        return planes;
    }

    /** Rounded weights may add up to a little more than 1. */
    private static int rounded(int sum) {
        return Math.min(255, (sum + HALF) >> PLACES);
    }
}
