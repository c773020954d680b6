package dev.lockstep.worker.step;

import dev.lockstep.worker.network.Clipping;
import dev.lockstep.worker.network.Network;
import dev.lockstep.worker.seed.SplitMix64;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.deeplearning4j.nn.api.Trainable;

/** Which part of the flat parameter vector is what. */
final class ParameterLayout {

    /** Parameters {@code [from, to)} of one name ("W", "b", "gamma", ...) of one layer. */
    private record Block(int layer, int from, int to, boolean runningStatistics) {}

    private final List<Block> blocks = new ArrayList<>();

    ParameterLayout(Network network) {
        int layer = 0;
        int from = 0;
        for (Trainable part : network.parts().values()) {
            for (var parameter : part.paramTable(false).entrySet()) {
                int to = from + Math.toIntExact(parameter.getValue().length());
                // DL4J divides by the batch what is a gradient, and leaves alone what is an update already.
                boolean runningStatistics = !part.updaterDivideByMinibatch(parameter.getKey());
                blocks.add(new Block(layer, from, to, runningStatistics));
                from = to;
            }
            layer++;
        }
    }

    /** The layers that have gradients, ascending. */
    int[] trainedLayers() {
        return blocks.stream()
                .filter(block -> !block.runningStatistics())
                .mapToInt(Block::layer)
                .distinct()
                .toArray();
    }

    /** Parameters for a sample, the same on every machine, that neither vanish nor explode on their way through the layers. */
    float[] sample() {
        float[] sample =
                new float[blocks.isEmpty() ? 0 : blocks.get(blocks.size() - 1).to()];
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
    void scaleRunningStatistics(float[] gradient, float factor) {
        for (Block block : blocks) {
            if (block.runningStatistics()) {
                for (int i = block.from(); i < block.to(); i++) {
                    gradient[i] *= factor;
                }
            }
        }
    }

    /** Whether the running statistics' part of a gradient vector holds finite numbers only. */
    boolean runningStatisticsFinite(float[] gradient) {
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
     * @param sum over {@code examples} examples, left as it is
     */
    float[] clipped(float[] sum, Clipping clipping, int examples) {
        if (clipping.equals(Clipping.NONE)) {
            return sum;
        }
        float[] gradient = sum.clone();
        float bound = (float) (clipping.value() * examples);
        change(gradient, value -> Math.max(-bound, Math.min(bound, value)));
        double square = squaredNorms(gradient).values().stream()
                .mapToDouble(Double::doubleValue)
                .sum();
        double scale = clipping.norm() * examples / Math.sqrt(square);
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
    Map<Integer, Double> squaredNorms(float[] gradient) {
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
