package dev.lockstep.driver.train;

import dev.lockstep.worker.step.StepMetrics;
import java.io.Serializable;

/**
 * A finished optimizer step.
 *
 * @param seconds from the step's start to its end, on the wall clock
 * @param exchangeSeconds the part of it in which no shard was computed: scheduling, sending, summing, the optimizer
 */
public record StepReport(StepMetrics metrics, double seconds, double exchangeSeconds) implements Serializable {}
