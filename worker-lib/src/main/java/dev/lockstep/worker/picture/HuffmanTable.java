package dev.lockstep.worker.picture;

/**
 * A Huffman table of a JPEG (T.81, annexes C and F).
 *
 * @param lookup of the next 9 bits: a code's length times 256 and its symbol, or 0 where the code is longer
 * @param largest the largest code of each length, or -1
 * @param offset of each length: a code plus this is the place of its symbol
 */
record HuffmanTable(short[] lookup, int[] largest, int[] offset, byte[] symbols) {
    static final int LOOKED_UP = 9;
    static final int LONGEST = 16;

    /** Where coefficient k in zigzag order stands in a block of 8 rows. */
    static final int[] NATURAL = new int[64];

    static {
        int at = 0;
        for (int diagonal = 0; diagonal < 15; diagonal++) {
            for (int i = Math.max(0, diagonal - 7); i <= Math.min(7, diagonal); i++) {
                int row = diagonal % 2 == 0 ? diagonal - i : i;
                NATURAL[at++] = 8 * row + diagonal - row;
            }
        }
    }

    /** @param counts how many codes there are of each length from 1 to 16 */
    static HuffmanTable of(int[] counts, byte[] symbols) {
        short[] lookup = new short[1 << LOOKED_UP];
        int[] largest = new int[LONGEST + 1];
        int[] offset = new int[LONGEST + 1];
        int code = 0;
        int at = 0;
        for (int length = 1; length <= LONGEST; length++) {
            code <<= 1;
            offset[length] = at - code;
            if (code + counts[length] > 1 << length) {
                throw new BadPicture("a Huffman table has more codes of %d bits than there can be", length);
            }
            for (int i = 0; i < counts[length]; i++, code++, at++) {
                int free = LOOKED_UP - length;
                for (int rest = 0; free >= 0 && rest < 1 << free; rest++) {
                    lookup[(code << free) + rest] = (short) (length << 8 | symbols[at] & 0xff);
                }
            }
            largest[length] = counts[length] == 0 ? -1 : code - 1;
        }
        return new HuffmanTable(lookup, largest, offset, symbols);
    }
}
