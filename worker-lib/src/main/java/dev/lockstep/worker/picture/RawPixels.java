package dev.lockstep.worker.picture;

/**
 * The pixels of a row of Spark's {@code image} column: a byte a channel, in the order blue, green, red, alpha, row by row.
 *
 * @param stored how many channels there are: 1, 3 or 4
 */
record RawPixels(int width, int height, int stored, byte[] data) implements Pixels {
    /** OpenCV's type of 8 unsigned bits is 8 times the channels less one. */
    private static final int MODE = 8;

    static RawPixels of(int height, int width, int channels, int mode, byte[] data) {
        Pixels.checkSize(width, height);
        if (channels != 1 && channels != 3 && channels != 4) {
            throw new BadPicture("it has %d channels: expected 1, 3 or 4", channels);
        }
        if (mode != MODE * (channels - 1)) {
            throw new BadPicture(
                    "it is of OpenCV's type %d: expected %d, %d channels of bytes",
                    mode, MODE * (channels - 1), channels);
        }
        long expected = (long) width * height * channels;
        if (data.length != expected) {
            throw new BadPicture(
                    "it has %,d bytes of pixels: expected %,d of %d x %d pixels of %d channels",
                    data.length, expected, width, height, channels);
        }
        return new RawPixels(width, height, channels, data);
    }

    @Override
    public int channels() {
        return stored == 1 ? 1 : 3;
    }

    @Override
    public void row(int y, byte[] into) {
        int from = y * width * stored;
        if (stored == 1) {
            System.arraycopy(data, from, into, 0, width);
            return;
        }
        for (int x = 0; x < width; x++, from += stored) {
            int alpha = stored == 4 ? data[from + 3] & 0xff : 255;
            for (int channel = 0; channel < 3; channel++) {
                into[3 * x + channel] = Blend.onBlack(data[from + 2 - channel] & 0xff, alpha);
            }
        }
    }
}
