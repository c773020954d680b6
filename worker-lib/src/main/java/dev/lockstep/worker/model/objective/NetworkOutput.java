package dev.lockstep.worker.model.objective;

/**
 * What is to come out of a network.
 *
 * @param size how many classes, labels or values
 */
public record NetworkOutput(Objective objective, int size) {}
