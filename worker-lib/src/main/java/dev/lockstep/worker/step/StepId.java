package dev.lockstep.worker.step;

import java.io.Serializable;

/**
 * Which optimizer step of a run this is, and over how many examples.
 *
 * @param step from 0 within the run
 * @param epoch from 0
 * @param examples the examples of the global batch, at least 1
 */
public record StepId(long step, int epoch, int examples) implements Serializable {}
