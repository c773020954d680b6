package dev.lockstep.worker.picture;

/**
 * The inverse discrete cosine transform of 8 x 8 coefficients, by integers: Loeffler, Ligtenberg and Moschytz, "Practical
 * fast 1-D DCT algorithms with 11 multiplications", ICASSP 1989, in the fixed point (13 binary places, 2 between the passes)
 * and with the rounding of libjpeg's jidctint.c, so that its samples come out. Not for several threads.
 */
final class InverseDct {
    private static final int PLACES = 13;
    private static final int BETWEEN = 2;
    private static final int C_0_298631336 = 2446;
    private static final int C_0_390180644 = 3196;
    private static final int C_0_541196100 = 4433;
    private static final int C_0_765366865 = 6270;
    private static final int C_0_899976223 = 7373;
    private static final int C_1_175875602 = 9633;
    private static final int C_1_501321110 = 12299;
    private static final int C_1_847759065 = 15137;
    private static final int C_1_961570560 = 16069;
    private static final int C_2_053119869 = 16819;
    private static final int C_2_562915447 = 20995;
    private static final int C_3_072711026 = 25172;
    private static final int MIDDLE = 128;

    private final int[] passed = new int[64];

    /**
     * @param block dequantised coefficients, row by row
     * @param samples where the block's 8 rows go, {@code stride} apart from {@code at} on
     */
    void transform(int[] block, byte[] samples, int at, int stride) {
        for (int column = 0; column < 8; column++) {
            pass(block, column, 8, passed, PLACES - BETWEEN);
        }
        for (int row = 0; row < 8; row++) {
            int to = at + row * stride;
            pass(passed, 8 * row, 1, passed, PLACES + BETWEEN + 3);
            for (int column = 0; column < 8; column++) {
                int value = passed[8 * row + column] + MIDDLE;
                samples[to + column] = (byte) Math.max(0, Math.min(255, value));
            }
        }
    }

    /** One dimension of 8 values, {@code apart} from {@code at} on; so many binary places are rounded off. */
    private static void pass(int[] in, int at, int apart, int[] out, int places) {
        int in1 = in[at + apart];
        int in2 = in[at + 2 * apart];
        int in3 = in[at + 3 * apart];
        int in4 = in[at + 4 * apart];
        int in5 = in[at + 5 * apart];
        int in6 = in[at + 6 * apart];
        int in7 = in[at + 7 * apart];
        int half = 1 << (places - 1);
        if ((in1 | in2 | in3 | in4 | in5 | in6 | in7) == 0) {
            int same = ((in[at] << PLACES) + half) >> places;
            for (int i = 0; i < 8; i++) {
                out[at + i * apart] = same;
            }
            return;
        }
        int turned = (in2 + in6) * C_0_541196100;
        int even2 = turned - in6 * C_1_847759065;
        int even3 = turned + in2 * C_0_765366865;
        int even0 = (in[at] + in4) << PLACES;
        int even1 = (in[at] - in4) << PLACES;
        int sum0 = even0 + even3 + half;
        int sum3 = even0 - even3 + half;
        int sum1 = even1 + even2 + half;
        int sum2 = even1 - even2 + half;

        int turned5 = (in7 + in3 + in5 + in1) * C_1_175875602;
        int turned1 = -(in7 + in1) * C_0_899976223;
        int turned2 = -(in5 + in3) * C_2_562915447;
        int turned3 = turned5 - (in7 + in3) * C_1_961570560;
        int turned4 = turned5 - (in5 + in1) * C_0_390180644;
        int odd0 = in7 * C_0_298631336 + turned1 + turned3;
        int odd1 = in5 * C_2_053119869 + turned2 + turned4;
        int odd2 = in3 * C_3_072711026 + turned2 + turned3;
        int odd3 = in1 * C_1_501321110 + turned1 + turned4;

        out[at] = (sum0 + odd3) >> places;
        out[at + 7 * apart] = (sum0 - odd3) >> places;
        out[at + apart] = (sum1 + odd2) >> places;
        out[at + 6 * apart] = (sum1 - odd2) >> places;
        out[at + 2 * apart] = (sum2 + odd1) >> places;
        out[at + 5 * apart] = (sum2 - odd1) >> places;
        out[at + 3 * apart] = (sum3 + odd0) >> places;
        out[at + 4 * apart] = (sum3 - odd0) >> places;
    }
}
