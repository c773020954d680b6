package dev.lockstep.worker.model;

import dev.lockstep.worker.seed.SplitMix64;
import java.util.List;

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

    /**
     * Writes a gradient with its bounds kept to another array; the running statistics are no gradient and stay.
     *
     * @param sum over examples that weigh {@code weight} together, left as it is
     * @param norms of all of it
     * @param from the first element to write
     * @param to one past the last element
     */
    public void clip(
            float[] sum, Clipping clipping, GradientNorms norms, double weight, int from, int to, float[] into) {
        float bound = clipping.bound(weight);
        double scale = clipping.scale(norms, weight);
        for (Block block : blocks) {
            int begin = Math.max(from, block.from());
            int end = Math.min(to, block.to());
            for (int i = begin; i < end; i++) {
                float value = sum[i];
                if (!block.runningStatistics()) {
                    value = Clipping.bounded(value, bound);
                    value = scale < 1 ? (float) (value * scale) : value;
                }
                into[i] = value;
            }
        }
    }
}
