package dev.lockstep.worker.dl4j.layer;

import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts a layer's passes, by whose code computed them, so that handing one to DL4J's slower code is never silent. As
 * its layer, not for several threads at once.
 */
public final class PassCounter {
    private static final Logger LOG = LoggerFactory.getLogger(PassCounter.class);

    private final Supplier<String> layer;
    private long forward;
    private long backward;
    private long stockForward;
    private long stockBackward;

    /** @param layer names the layer in the log */
    PassCounter(Supplier<String> layer) {
        this.layer = layer;
    }

    void countForward() {
        forward++;
    }

    void countBackward() {
        backward++;
    }

    /**
     * Counts a forward pass that is handed to DL4J's code; the log tells of the first.
     *
     * @param reason what ours can't do
     */
    void countStockForward(String reason) {
        if (stockForward++ == 0) {
            LOG.warn("DL4J's own code, slower, computes {}: {}", layer.get(), reason);
        }
    }

    void countStockBackward() {
        stockBackward++;
    }

    /** Forward passes by our code. An output layer computes its sums anew for the gradient and for the score. */
    public long forward() {
        return forward;
    }

    /** Backward passes by our code. */
    public long backward() {
        return backward;
    }

    /** Forward passes handed to DL4J's code. */
    public long stockForward() {
        return stockForward;
    }

    /** Backward passes handed to DL4J's code. */
    public long stockBackward() {
        return stockBackward;
    }
}
