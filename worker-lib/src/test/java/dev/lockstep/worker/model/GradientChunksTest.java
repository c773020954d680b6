package dev.lockstep.worker.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.worker.model.ParameterLayout.Block;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Norms are the same bits, whoever works out which chunks, and what the definition says they are. */
class GradientChunksTest {
    private static final ParameterLayout LAYOUT = new ParameterLayout(List.of(
            new Block(0, "0", "W", 0, 10_000, true, false),
            new Block(0, "0", "b", 10_000, 10_003, false, false),
            new Block(1, "1", "mean", 10_003, 10_010, false, true),
            new Block(2, "2", "W", 10_010, 14_106, true, false)));
    private static final Clipping CLIPPING = new Clipping(1, .01);

    private final float[] gradient = gradient();

    private static float[] gradient() {
        Random random = new Random(1);
        float[] values = new float[LAYOUT.length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    @Test
    void areCutAtBlocksAndEvery4096Values() {
        assertThat(new GradientChunks(LAYOUT).borders())
                .containsExactly(0, 4_096, 8_192, 10_000, 10_003, 10_010, 14_106);
    }

    @Test
    void addUpFromLeftToRightLayerByLayer() {
        GradientNorms norms = new GradientChunks(LAYOUT).norms(gradient, CLIPPING, 24);
        double first = square(0, 4_096) + square(4_096, 8_192) + square(8_192, 10_000) + square(10_000, 10_003);
        assertThat(norms.squares()).isEqualTo(Map.of(0, first, 2, square(10_010, 14_106)));
        assertThat(norms.statisticsFinite()).isTrue();
        double bounded = 0;
        for (int i = 0; i < gradient.length; i++) {
            boolean counts = i < 10_003 || i >= 10_010;
            bounded += counts ? Math.pow(Math.min(Math.abs(gradient[i]), .24), 2) : 0;
        }
        assertThat(norms.bounded()).isCloseTo(bounded, within(1e-4));
    }

    @Test
    void giveTheSameBitsByParts() {
        GradientChunks chunks = new GradientChunks(LAYOUT, 100);
        GradientNorms whole = chunks.norms(gradient, CLIPPING, 24);
        ChunkSquares squares = new ChunkSquares(chunks.count());
        for (int chunk = chunks.count() - 1; chunk >= 0; chunk -= 7) {
            int from = Math.max(0, chunk - 6);
            float[] part = Arrays.copyOfRange(
                    gradient, chunks.borders().get(from), chunks.borders().get(chunk + 1));
            chunks.square(part, 0, from, chunk + 1, CLIPPING, 24, squares);
        }
        assertThat(chunks.norms(squares, CLIPPING)).isEqualTo(whole);
    }

    @Test
    void whatIsNoNumberShows() {
        gradient[10_005] = Float.POSITIVE_INFINITY;
        assertThat(new GradientChunks(LAYOUT).norms(gradient, Clipping.NONE, 24).statisticsFinite())
                .isFalse();
        gradient[10_050] = Float.NaN;
        GradientNorms norms = new GradientChunks(LAYOUT).norms(gradient, Clipping.NONE, 24);
        assertThat(norms.square()).isNaN();
        assertThat(norms.squares().get(0)).isFinite();
    }

    /** Every value squared, in four sums in turn. */
    private double square(int from, int to) {
        double[] sums = new double[4];
        int whole = from + (to - from) / 4 * 4;
        for (int i = from; i < to; i++) {
            sums[i < whole ? (i - from) % 4 : 0] += (double) gradient[i] * gradient[i];
        }
        return (sums[0] + sums[1]) + (sums[2] + sums[3]);
    }
}
