package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.model.Interval;
import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.Shape;

/**
 * Ioffe, Szegedy 2015: y = gamma (x - mean) / sqrt(variance + epsilon) + beta, by unit or by channel, over the examples of
 * one shard, with the biased variance. Running averages (for evaluation): r = decay r + (1 - decay) batch, averaged over
 * the shards weighted by their examples. Parameters: gamma, beta, running mean, running variance.
 *
 * @param decay in [0, 1)
 * @param epsilon above 0
 */
public record BatchNorm(double decay, double epsilon) implements Layer {
    public static final String TYPE = "batch-norm";

    static BatchNorm read(Keys keys) {
        return new BatchNorm(
                keys.float32("decay", 0.9, Interval.FRACTION), keys.float32("epsilon", 1e-5, Interval.POSITIVE));
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public Shape output(Shape input) {
        return input;
    }
}
