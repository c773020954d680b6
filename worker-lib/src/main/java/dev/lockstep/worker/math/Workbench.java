package dev.lockstep.worker.math;

import java.util.Arrays;

/**
 * The working memory of one network's kernels, shared by its layers so that it stays in the cache; nothing in it
 * outlives a call. A network computes in one thread at a time, so does its workbench.
 */
public final class Workbench {
    public final Matrices matrices = Matrices.create();

    private final NativeFloats[] blocks = new NativeFloats[2];
    private final float[][] tiles = new float[4][0];
    private final int[][] bitTiles = new int[5][0];
    private NativeFloats ones = NativeFloats.allocate(0);

    /** Native working memory number 0 or 1, of at least this length. */
    public NativeFloats block(int number, int length) {
        if (blocks[number] == null || blocks[number].length() < length) {
            blocks[number] = NativeFloats.allocate(length);
        }
        return blocks[number];
    }

    /** A heap array of at least this length, number 0 to 3. */
    public float[] tile(int number, int length) {
        if (tiles[number].length < length) {
            tiles[number] = new float[length];
        }
        return tiles[number];
    }

    /** A heap array for the bits of floats, of at least this length, number 0 to 4. */
    public int[] bitTile(int number, int length) {
        if (bitTiles[number].length < length) {
            bitTiles[number] = new int[length];
        }
        return bitTiles[number];
    }

    /** At least this many ones. */
    public NativeFloats ones(int length) {
        if (ones.length() < length) {
            float[] values = new float[length];
            Arrays.fill(values, 1f);
            ones = NativeFloats.allocate(length);
            ones.write(0, values, 0, length);
        }
        return ones;
    }
}
