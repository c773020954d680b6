package dev.lockstep.worker.picture;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * How a stored picture lies, as cameras write it (EXIF 2.32, tag 0x0112): the pixel shown at (x, y) is the stored one at
 * (x, y), or at (y, x) where rows and columns are swapped, then counted from the other side where it is mirrored.
 */
record Orientation(boolean swapped, boolean fromRight, boolean fromBottom) {
    static final Orientation UPRIGHT = new Orientation(false, false, false);

    private static final int TAG = 0x0112;
    private static final int SHORT = 3;
    private static final int ENTRY = 12;

    /** By its number in EXIF, 1 to 8; of any other it is upright. */
    static Orientation of(int number) {
        return switch (number) {
            case 2 -> new Orientation(false, true, false);
            case 3 -> new Orientation(false, true, true);
            case 4 -> new Orientation(false, false, true);
            case 5 -> new Orientation(true, false, false);
            case 6 -> new Orientation(true, false, true);
            case 7 -> new Orientation(true, true, true);
            case 8 -> new Orientation(true, true, false);
            default -> UPRIGHT;
        };
    }

    /** Of an EXIF block, which begins with the byte order. Viewers pass over one that is damaged, and so do we. */
    static Orientation ofExif(byte[] bytes, int from, int length) {
        ByteBuffer exif = ByteBuffer.wrap(bytes, from, length).slice();
        if (length < 8) {
            return UPRIGHT;
        }
        exif.order(exif.get(0) == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        long directory = Integer.toUnsignedLong(exif.getInt(4));
        if (directory + 2 > length) {
            return UPRIGHT;
        }
        int at = (int) directory + 2;
        for (int left = Short.toUnsignedInt(exif.getShort(at - 2)); left > 0 && at + ENTRY <= length; left--) {
            if (Short.toUnsignedInt(exif.getShort(at)) == TAG && exif.getShort(at + 2) == SHORT) {
                return of(exif.getShort(at + 8));
            }
            at += ENTRY;
        }
        return UPRIGHT;
    }

    /**
     * The picture as it is shown.
     *
     * @param stored {@code [channels][height][width]}
     */
    byte[] upright(byte[] stored, int channels, int height, int width) {
        if (equals(UPRIGHT)) {
            return stored;
        }
        byte[] shown = new byte[stored.length];
        int columns = swapped ? height : width;
        int plane = height * width;
        for (int i = 0; i < plane; i++) {
            int column = swapped ? i / columns : i % columns;
            int row = swapped ? i % columns : i / columns;
            int from = (fromBottom ? height - 1 - row : row) * width + (fromRight ? width - 1 - column : column);
            for (int channel = 0; channel < channels; channel++) {
                shown[channel * plane + i] = stored[channel * plane + from];
            }
        }
        return shown;
    }
}
