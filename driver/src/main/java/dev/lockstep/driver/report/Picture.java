package dev.lockstep.driver.report;

import dev.lockstep.driver.report.Evaluation.Sample;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Base64;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** An example's values as a PNG inside a {@code data:} address: grey, or in colour when there are three channels. */
final class Picture {
    /** A larger picture is made smaller, each pixel the mean of a square. */
    static final int LARGEST_SIDE = 112;

    private static final int RGB = 3;

    private Picture() {}

    /** @return null when the example is not a picture */
    static String address(Sample sample) throws IOException {
        return address(sample.shape(), sample.values());
    }

    /**
     * @param shape channels, height, width
     * @param values a byte a value, channel by channel, row by row
     * @return null when the values are no picture
     */
    static String address(int[] shape, byte[] values) throws IOException {
        if (shape.length != 3 || !holds(shape, values.length)) {
            return null;
        }
        int shrink = (Math.max(shape[1], shape[2]) + LARGEST_SIDE - 1) / LARGEST_SIDE;
        if (shrink == 0 || shape[1] < shrink || shape[2] < shrink) {
            return null;
        }
        boolean colour = shape[0] >= RGB;
        BufferedImage image = new BufferedImage(
                shape[2] / shrink,
                shape[1] / shrink,
                colour ? BufferedImage.TYPE_INT_RGB : BufferedImage.TYPE_BYTE_GRAY);
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                for (int band = 0; band < (colour ? RGB : 1); band++) {
                    // Into the raster: through setRGB a grey would be converted between colour spaces.
                    image.getRaster().setSample(x, y, band, mean(shape, values, band, y * shrink, x * shrink, shrink));
                }
            }
        }
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(png)) {
            ImageIO.write(image, "png", out);
        }
        return "data:image/png;base64," + Base64.getEncoder().encodeToString(png.toByteArray());
    }

    /** Whether a shape is one of so many values; products of sizes of a damaged file may go round to any number. */
    private static boolean holds(int[] shape, int values) {
        long left = values;
        for (int size : shape) {
            if (size < 1 || left % size != 0) {
                return false;
            }
            left /= size;
        }
        return left == 1;
    }

    private static int mean(int[] shape, byte[] values, int channel, int top, int left, int side) {
        int height = shape[1];
        int width = shape[2];
        int sum = 0;
        for (int y = top; y < top + side; y++) {
            for (int x = left; x < left + side; x++) {
                sum += values[(channel * height + y) * width + x] & 0xFF;
            }
        }
        return sum / (side * side);
    }
}
