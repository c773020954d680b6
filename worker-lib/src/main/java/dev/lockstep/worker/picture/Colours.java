package dev.lockstep.worker.picture;

/** Between grey and colours. */
final class Colours {
    /** Of red, green and blue in grey, in 65,536ths: the luma of ITU-R BT.601, as JPEG and Pillow have it. */
    private static final int RED = 19_595;

    private static final int GREEN = 38_470;
    private static final int BLUE = 7_471;

    private Colours() {}

    /** A row of pixels; what has the channels that are wanted is left where it is. */
    static void convert(byte[] row, int channels, byte[] into, int wanted, int width) {
        if (channels == wanted) {
            return;
        }
        for (int x = 0; x < width; x++) {
            if (wanted == 1) {
                into[x] = (byte) ((RED * (row[3 * x] & 0xff)
                                + GREEN * (row[3 * x + 1] & 0xff)
                                + BLUE * (row[3 * x + 2] & 0xff)
                                + (1 << 15))
                        >> 16);
            } else {
                into[3 * x] = row[x];
                into[3 * x + 1] = row[x];
                into[3 * x + 2] = row[x];
            }
        }
    }
}
