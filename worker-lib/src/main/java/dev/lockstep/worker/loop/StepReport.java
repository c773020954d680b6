package dev.lockstep.worker.loop;

import dev.lockstep.worker.step.StepMetrics;
import java.io.Serializable;
import java.util.List;

/**
 * A finished optimizer step; in parameter averaging, each shard's own.
 *
 * @param seconds from the step's start to its end, on the wall clock
 * @param exchangeSeconds the part of it in which no shard was computed: scheduling, sending, summing, the optimizer
 */
public record StepReport(StepMetrics metrics, double seconds, double exchangeSeconds) implements Serializable {

    /** The steps of a round, the round's times shared out evenly. */
    public static List<StepReport> ofRound(List<StepMetrics> steps, double seconds, double exchangeSeconds) {
        int count = steps.size();
        return steps.stream()
                .map(metrics -> new StepReport(metrics, seconds / count, exchangeSeconds / count))
                .toList();
    }
}
