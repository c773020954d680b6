package dev.lockstep.driver.evaluate;

/**
 * Pictures of one kind and one size.
 *
 * @param kind one of {@link Kind}
 * @param of what they are of: a layer's name, an example's number
 * @param low what a byte of 0 stands for
 * @param high what a byte of 255 stands for
 * @param shape {@code [pictures, channels, height, width]}; pictures of three channels are in colour
 * @param values {@code [pictures, channels, height, width]}, a byte each
 */
public record PictureSheet(Kind kind, String of, double low, double high, int[] shape, byte[] values) {

    /** What is pictured. */
    public enum Kind {
        /** The weights of a convolution; the middle byte is 0. */
        FILTERS,
        /** An example as a network is given it. */
        EXAMPLE,
        /** What a convolution makes of that example, a picture for each filter. */
        FEATURE_MAPS,
        /** An example, and what augmentation makes of it. */
        AUGMENTED
    }

    /** @throws IllegalArgumentException when there are something missing, or not as many values as the shape says */
    public PictureSheet {
        if (of == null || shape == null || values == null) {
            throw new IllegalArgumentException("a sheet of pictures lacks something");
        }
        long size = 1;
        for (int side : shape) {
            size = side < 1 || size > values.length ? -1 : size * side;
        }
        if (shape.length != 4 || size != values.length) {
            throw new IllegalArgumentException("a sheet of pictures has not as many values as its shape says");
        }
    }

    /**
     * Of values of any range, a byte each: of weights around 0, of others from the lowest to the highest.
     *
     * @param values {@code [pictures, channels, height, width]}
     */
    static PictureSheet of(Kind kind, String of, int[] shape, float[] values) {
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (float value : values) {
            low = Math.min(low, value);
            high = Math.max(high, value);
        }
        if (kind == Kind.FILTERS) {
            high = Math.max(-low, high);
            low = -high;
        } else if (kind != Kind.FEATURE_MAPS) {
            low = 0; // examples are bytes in [0, 1] for a network
            high = 1;
        }
        byte[] bytes = new byte[values.length];
        double scale = high > low ? 255 / (high - low) : 0;
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) Math.max(0, Math.min(255, Math.round((values[i] - low) * scale)));
        }
        return new PictureSheet(kind, of, low, high, shape, bytes);
    }
}
