package dev.lockstep.worker.picture;

import java.util.ArrayList;
import java.util.List;

/**
 * What a PNG says of itself, and where its rows then lie: those of one pass after the other, a byte that names the filter
 * before each.
 *
 * @param depth bits a sample: 1, 2, 4, 8 or 16
 * @param channels samples a pixel, or 1 index into the palette
 */
record PngHeader(int width, int height, int depth, int channels, boolean hasPalette, List<Pass> passes) {
    private static final int GREY = 0;
    private static final int COLOURS = 2;
    private static final int PALETTE = 3;
    private static final int GREY_ALPHA = 4;
    private static final int COLOURS_ALPHA = 6;

    /** Where Adam7's passes begin, columns and rows, and how far their pixels are apart. */
    private static final int[][] ADAM7 = {
        {0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}
    };

    /**
     * A part of the pixels, at equal distances.
     *
     * @param from where its first row lies among the unpacked bytes
     * @param bytes of a row, without its filter
     */
    record Pass(int left, int top, int across, int down, int columns, int rows, long from, int bytes) {

        boolean hasRow(int y) {
            return y >= top && (y - top) % down == 0;
        }

        /** Where a row's samples begin. */
        int row(int row) {
            return (int) (from + (long) row * (bytes + 1) + 1);
        }

        long end() {
            return from + (long) rows * (bytes + 1);
        }
    }

    static PngHeader of(int width, int height, int depth, int colours, int compression, int filter, int interlace) {
        int channels =
                switch (colours) {
                    case GREY, PALETTE -> 1;
                    case GREY_ALPHA -> 2;
                    case COLOURS -> 3;
                    case COLOURS_ALPHA -> 4;
                    default -> 0;
                };
        boolean known =
                switch (depth) {
                    case 1, 2, 4 -> channels == 1;
                    case 8 -> channels > 0;
                    case 16 -> channels > 0 && colours != PALETTE;
                    default -> false;
                };
        if (!known) {
            throw new BadPicture("its header says %d bits of colour type %d, which no PNG has", depth, colours);
        }
        if (compression != 0 || filter != 0 || interlace < 0 || interlace > 1) {
            throw new BadPicture(
                    "its header says compression %d, filter %d, interlace %d: expected 0, 0 and 0 or 1",
                    compression, filter, interlace);
        }
        List<Pass> passes = new ArrayList<>();
        long from = 0;
        for (int[] pass : interlace == 1 ? ADAM7 : new int[][] {{0, 0, 1, 1}}) {
            int columns = (width - pass[0] + pass[2] - 1) / pass[2];
            int rows = (height - pass[1] + pass[3] - 1) / pass[3];
            if (columns > 0 && rows > 0) {
                int bytes = (int) (((long) columns * channels * depth + 7) / 8);
                Pass next = new Pass(pass[0], pass[1], pass[2], pass[3], columns, rows, from, bytes);
                passes.add(next);
                from = next.end();
            }
        }
        return new PngHeader(width, height, depth, channels, colours == PALETTE, List.copyOf(passes));
    }

    /** The bytes of all rows, filters included. */
    long unpacked() {
        return passes.get(passes.size() - 1).end();
    }

    /** Puts the samples in the place of what the filters made of them. */
    void unfilter(byte[] unpacked) {
        int back = Math.max(1, channels * depth / 8);
        for (Pass pass : passes) {
            byte[] above = new byte[pass.bytes];
            for (int row = 0; row < pass.rows; row++) {
                int at = pass.row(row);
                if (row == 0) {
                    unfilter(unpacked, at, pass.bytes, above, 0, back);
                } else {
                    unfilter(unpacked, at, pass.bytes, unpacked, at - pass.bytes - 1, back);
                }
            }
        }
    }

    private static void unfilter(byte[] rows, int at, int length, byte[] above, int up, int back) {
        switch (rows[at - 1]) {
            case 0 -> {}
            case 1 -> {
                for (int i = back; i < length; i++) {
                    rows[at + i] += rows[at + i - back];
                }
            }
            case 2 -> {
                for (int i = 0; i < length; i++) {
                    rows[at + i] += above[up + i];
                }
            }
            case 3 -> {
                for (int i = 0; i < length; i++) {
                    int left = i < back ? 0 : rows[at + i - back] & 0xff;
                    rows[at + i] += (byte) ((left + (above[up + i] & 0xff)) >> 1);
                }
            }
            case 4 -> {
                for (int i = 0; i < length; i++) {
                    int left = i < back ? 0 : rows[at + i - back] & 0xff;
                    int corner = i < back ? 0 : above[up + i - back] & 0xff;
                    rows[at + i] += (byte) paeth(left, above[up + i] & 0xff, corner);
                }
            }
            default -> throw new BadPicture("a row has filter %d: expected 0 to 4", rows[at - 1] & 0xff);
        }
    }

    private static int paeth(int left, int up, int corner) {
        int estimate = left + up - corner;
        int toLeft = Math.abs(estimate - left);
        int toUp = Math.abs(estimate - up);
        int toCorner = Math.abs(estimate - corner);
        if (toLeft <= toUp && toLeft <= toCorner) {
            return left;
        }
        return toUp <= toCorner ? up : corner;
    }
}
