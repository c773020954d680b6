package dev.lockstep.worker.model;

/**
 * Examples that are computed together. The arrays may be longer; they are used again for the next batch.
 *
 * @param examples n, at least 1
 * @param input the shape of one example
 * @param targets values of one example's target
 * @param features {@code [n, input]}, bytes in [0, 1]
 * @param labels {@code [n, targets]}, of classes one-hot but for what mix-up mixed
 */
public record Batch(int examples, Shape input, int targets, float[] features, float[] labels) {}
