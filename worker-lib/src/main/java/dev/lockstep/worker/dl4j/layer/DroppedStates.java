package dev.lockstep.worker.dl4j.layer;

import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.math.Dropping;
import dev.lockstep.worker.seed.SplitMix64;
import java.util.Map;
import java.util.TreeMap;
import org.deeplearning4j.nn.api.Trainable;

/** What a network's recurrent layers drop within the steps: to each layer its own, whatever the others draw. */
public final class DroppedStates {
    private record Share(Dropping cells, double ratio) {}

    private final Map<String, Share> shares = new TreeMap<>();

    /**
     * @param parts of a network with our layers in it
     * @param ratios of those that drop something, by name
     * @throws ConfigurationException when DL4J's layers compute, which cannot
     */
    public DroppedStates(Map<String, ? extends Trainable> parts, Map<String, Double> ratios) {
        ratios.forEach((name, ratio) -> {
            if (FastLayers.layerOf(parts.get(name)) instanceof SequenceHost<?> host
                    && host.kernel() instanceof Dropping cells) {
                shares.put(name, new Share(cells, ratio));
            } else {
                throw new ConfigurationException(
                        "recurrent-dropout is computed by Lockstep's layers alone; set LOCKSTEP_KERNELS=on");
            }
        });
    }

    /** @param seed of what the next forward pass drops */
    public void draw(long seed) {
        long next = seed;
        for (Share share : shares.values()) {
            next = SplitMix64.mix(next);
            share.cells.drop(share.ratio, new SplitMix64(next)::nextDouble);
        }
    }
}
