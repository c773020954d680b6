package dev.lockstep.worker.picture;

/** A decoded picture. Rows are worked out when they are asked for, from the top down. */
interface Pixels {

    /** The longest side of a picture, which is that of a JPEG. */
    int LONGEST_SIDE = 65_535;

    /** The most pixels of a picture; what is decoded takes a few bytes for each. */
    int MOST_PIXELS = 100_000_000;

    int width();

    int height();

    /** 1 for grey, 3 for red, green and blue. */
    int channels();

    /** Writes a row, its pixels' channels side by side. */
    void row(int y, byte[] into);

    /** Refuses what no memory may be taken for. */
    static void checkSize(long width, long height) {
        if (width < 1 || height < 1 || width > LONGEST_SIDE || height > LONGEST_SIDE || width * height > MOST_PIXELS) {
            throw new BadPicture(
                    "it says that it has %d x %d pixels: expected 1 to %d a side and at most %,d in all",
                    width, height, LONGEST_SIDE, MOST_PIXELS);
        }
    }
}
