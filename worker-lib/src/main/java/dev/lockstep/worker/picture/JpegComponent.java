package dev.lockstep.worker.picture;

import java.util.Arrays;

/** One component of a JPEG (brightness, a colour), in its own number of samples. */
final class JpegComponent {
    static final int BLOCK = 64;

    final int id;
    /** How many samples it has across and down in a unit of the picture's largest. */
    final int across;

    final int down;
    /** Samples that belong to the picture. */
    final int width;

    final int height;
    /** Blocks of 8 x 8 that hold them. */
    final int columns;

    final int rows;
    /** Samples in memory from one row to the next: blocks are stored for whole units of the picture. */
    final int stride;

    private final int table;
    private final int storedRows;
    /** What is stored of each coefficient: so many of the lowest binary places are missing; -1 before the first scan. */
    private final int[] missing = new int[BLOCK];

    /** A byte each; once the picture has been read. */
    byte[] samples;

    /** Of progressive pictures, {@code [blocks][64]}. */
    short[] coefficients;

    int[] quantisation;

    /** @param unitsAcross units of the whole picture, of {@code across x down} blocks of this component */
    JpegComponent(JpegFrame.Told told, int width, int height, int unitsAcross, int unitsDown) {
        this.id = told.id();
        this.across = told.across();
        this.down = told.down();
        this.table = told.table();
        this.width = width;
        this.height = height;
        this.columns = (width + 7) / 8;
        this.rows = (height + 7) / 8;
        this.stride = unitsAcross * across * 8;
        this.storedRows = unitsDown * down * 8;
        Arrays.fill(missing, -1);
    }

    void allocate(boolean progressive) {
        if (progressive) {
            coefficients = new short[Math.multiplyExact(stride, storedRows)];
        } else {
            samples = new byte[Math.multiplyExact(stride, storedRows)];
        }
    }

    /** Its quantisation is the one that is known when its first scan begins. */
    void take(int[][] tables) {
        if (quantisation == null) {
            quantisation = tables[table];
        }
        if (quantisation == null) {
            throw new BadPicture("it has no quantisation table %d", table);
        }
    }

    boolean wasRead() {
        return missing[0] >= 0;
    }

    /** Each scan brings the coefficients it tells of one step on, so that their number has an end. */
    void tell(int first, int last, int before, int after) {
        for (int k = first; k <= last; k++) {
            if (before == 0 ? missing[k] >= 0 : missing[k] != before) {
                throw new BadPicture("a scan tells of what was told before, or of nothing that was");
            }
            missing[k] = after;
        }
    }

    int coefficientsOf(int row, int column) {
        return (row * (stride / 8) + column) * BLOCK;
    }

    int samplesOf(int row, int column) {
        return (row * stride + column) * 8;
    }

    /** From coefficients to samples. */
    void finish() {
        if (coefficients == null) {
            return;
        }
        samples = new byte[coefficients.length];
        InverseDct dct = new InverseDct();
        int[] block = new int[BLOCK];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                int from = coefficientsOf(row, column);
                for (int i = 0; i < BLOCK; i++) {
                    block[i] = coefficients[from + i] * quantisation[i];
                }
                dct.transform(block, samples, samplesOf(row, column), stride);
            }
        }
        coefficients = null;
    }
}
