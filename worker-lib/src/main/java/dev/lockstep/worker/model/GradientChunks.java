package dev.lockstep.worker.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The chunks by which a gradient's norms are summed: of so many values, cut anew at each block. Whoever has a chunk can work
 * out its square, and their sum is the same bits whoever had which.
 */
public final class GradientChunks {
    private static final int LENGTH = 4096;
    private static final int NO_GRADIENT = -1;

    private final List<Integer> borders; // chunk i is [i, i + 1)
    private final int[] layers; // of each chunk; NO_GRADIENT where it holds running statistics

    public GradientChunks(ParameterLayout layout) {
        this(layout, LENGTH);
    }

    /** @param length of a chunk at most */
    public GradientChunks(ParameterLayout layout, int length) {
        List<Integer> cuts = new ArrayList<>(List.of(0));
        IntStream.Builder of = IntStream.builder();
        for (ParameterLayout.Block block : layout.blocks()) {
            for (int from = block.from(); from < block.to(); from += length) {
                cuts.add(Math.min(block.to(), from + length));
                of.add(block.runningStatistics() ? NO_GRADIENT : block.layer());
            }
        }
        this.borders = List.copyOf(cuts);
        this.layers = of.build().toArray();
    }

    /** How many there are. */
    public int count() {
        return layers.length;
    }

    /** Where each begins, and the last one ends. */
    public List<Integer> borders() {
        return borders;
    }

    /** What a whole gradient comes to; see {@link #norms}. */
    public GradientNorms norms(float[] gradient, Clipping clipping, double weight) {
        ChunkSquares squares = new ChunkSquares(count());
        square(gradient, 0, 0, count(), clipping, weight, squares);
        return norms(squares, clipping);
    }

    /**
     * Works out what some chunks come to.
     *
     * @param sum over examples that weigh {@code weight} together, from {@code at} on the first of these chunks
     * @param from the first chunk
     * @param to one past the last one
     */
    public void square(float[] sum, int at, int from, int to, Clipping clipping, double weight, ChunkSquares into) {
        float bound = clipping.bound(weight);
        for (int chunk = from; chunk < to; chunk++) {
            int begin = borders.get(chunk) - borders.get(from) + at;
            int end = borders.get(chunk + 1) - borders.get(from) + at;
            if (layers[chunk] == NO_GRADIENT) {
                into.whole()[chunk] = isFinite(sum, begin, end) ? 0 : Double.NaN;
            } else {
                into.whole()[chunk] = square(sum, begin, end);
                if (clipping.isByNorm()) {
                    into.bounded()[chunk] = clipping.isByValue() ? square(sum, begin, end, bound) : into.whole()[chunk];
                }
            }
        }
    }

    /** What the whole gradient comes to, when all chunks are known. */
    public GradientNorms norms(ChunkSquares squares, Clipping clipping) {
        Map<Integer, Double> ofLayers = new TreeMap<>();
        Map<Integer, Double> bounded = new TreeMap<>();
        boolean statisticsFinite = true;
        for (int chunk = 0; chunk < layers.length; chunk++) {
            if (layers[chunk] == NO_GRADIENT) {
                statisticsFinite &= squares.whole()[chunk] == 0;
            } else {
                ofLayers.merge(layers[chunk], squares.whole()[chunk], Double::sum);
                if (clipping.isByNorm()) {
                    bounded.merge(layers[chunk], squares.bounded()[chunk], Double::sum);
                }
            }
        }
        double all = bounded.values().stream().mapToDouble(Double::doubleValue).sum();
        return new GradientNorms(ofLayers, all, statisticsFinite);
    }

    private static boolean isFinite(float[] values, int from, int to) {
        for (int i = from; i < to; i++) {
            if (!Float.isFinite(values[i])) {
                return false;
            }
        }
        return true;
    }

    // Four sums at once: one alone would wait for each addition before it starts the next.
    private static double square(float[] values, int from, int to) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = from;
        for (; i + 3 < to; i += 4) {
            a += (double) values[i] * values[i];
            b += (double) values[i + 1] * values[i + 1];
            c += (double) values[i + 2] * values[i + 2];
            d += (double) values[i + 3] * values[i + 3];
        }
        for (; i < to; i++) {
            a += (double) values[i] * values[i];
        }
        return (a + b) + (c + d);
    }

    private static double square(float[] values, int from, int to, float bound) {
        float[] bounded = new float[to - from];
        for (int i = from; i < to; i++) {
            bounded[i - from] = Clipping.bounded(values[i], bound);
        }
        return square(bounded, 0, bounded.length);
    }
}
