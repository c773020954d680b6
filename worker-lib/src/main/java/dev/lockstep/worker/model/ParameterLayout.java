package dev.lockstep.worker.model;

import dev.lockstep.worker.seed.SplitMix64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which part of the flat parameter vector is what.
 *
 * @param blocks in the vector's order, without gaps
 */
public record ParameterLayout(List<Block> blocks) {

    /**
     * Parameters {@code [from, to)} of one name ("W", "b", "gamma", ...) of one layer.
     *
     * @param layer its place from 0, layers without parameters counted too
     * @param node its name
     * @param weight whether these are weights, and no biases, scales, shifts or averages
     * @param runningStatistics whether its part of a gradient is no gradient but a change of averages
     */
    public record Block(
            int layer, String node, String parameter, int from, int to, boolean weight, boolean runningStatistics) {}

    public ParameterLayout {
        blocks = List.copyOf(blocks);
    }

    /** The length of the vector. */
    public int length() {
        return blocks.isEmpty() ? 0 : blocks.get(blocks.size() - 1).to();
    }

    /** The layers that have gradients, ascending. */
    public int[] trainedLayers() {
        return blocks.stream()
                .filter(block -> !block.runningStatistics())
                .mapToInt(Block::layer)
                .distinct()
                .toArray();
    }

    /** Parameters for a sample, the same on every machine, that neither vanish nor explode on their way through the layers. */
    public float[] sample() {
        float[] sample = new float[length()];
        SplitMix64 random = new SplitMix64(0);
        for (Block block : blocks) {
            double scale = Math.sqrt(3 / Math.sqrt(block.to() - block.from())); // Xavier's, if it is a square matrix
            for (int i = block.from(); i < block.to(); i++) {
                sample[i] = (float) ((2 * random.nextDouble() - 1) * scale);
            }
        }
        return sample;
    }

    /** Multiplies the running statistics' part of a gradient vector. */
    public void scaleRunningStatistics(float[] gradient, float factor) {
        for (Block block : blocks) {
            if (block.runningStatistics()) {
                for (int i = block.from(); i < block.to(); i++) {
                    gradient[i] *= factor;
                }
            }
        }
    }

    /** Whether the running statistics' part of a gradient vector holds finite numbers only. */
    public boolean runningStatisticsFinite(float[] gradient) {
        for (Block block : blocks) {
            if (block.runningStatistics()) {
                for (int i = block.from(); i < block.to(); i++) {
                    if (!Float.isFinite(gradient[i])) {
                        return false;
                    }
                }
            }
        }
        return true;
    }

    /**
     * The gradient with its bounds kept; the running statistics are no gradient and stay.
     *
     * @param sum over examples that weigh {@code weight} together, left as it is
     */
    public float[] clipped(float[] sum, Clipping clipping, double weight) {
        if (clipping.equals(Clipping.NONE)) {
            return sum;
        }
        float[] gradient = sum.clone();
        float bound = (float) (clipping.value() * weight);
        change(gradient, value -> Math.max(-bound, Math.min(bound, value)));
        double square = squaredNorms(gradient).values().stream()
                .mapToDouble(Double::doubleValue)
                .sum();
        double scale = clipping.norm() * weight / Math.sqrt(square);
        if (scale < 1) {
            change(gradient, value -> (float) (value * scale));
        }
        return gradient;
    }

    private void change(float[] gradient, FloatFunction function) {
        for (Block block : blocks) {
            if (!block.runningStatistics()) {
                for (int i = block.from(); i < block.to(); i++) {
                    gradient[i] = function.apply(gradient[i]);
                }
            }
        }
    }

    private interface FloatFunction {
        float apply(float value);
    }

    /** The square of the L2 norm of each layer's gradient. */
    public Map<Integer, Double> squaredNorms(float[] gradient) {
        Map<Integer, Double> squares = new TreeMap<>();
        for (Block block : blocks) {
            if (!block.runningStatistics()) {
                squares.merge(block.layer(), squaredNorm(gradient, block.from(), block.to()), Double::sum);
            }
        }
        return squares;
    }

    // Four sums at once: one alone would wait for each addition before it starts the next.
    private static double squaredNorm(float[] gradient, int from, int to) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = from;
        for (; i + 3 < to; i += 4) {
            a += (double) gradient[i] * gradient[i];
            b += (double) gradient[i + 1] * gradient[i + 1];
            c += (double) gradient[i + 2] * gradient[i + 2];
            d += (double) gradient[i + 3] * gradient[i + 3];
        }
        for (; i < to; i++) {
            a += (double) gradient[i] * gradient[i];
        }
        return (a + b) + (c + d);
    }
}
