package dev.lockstep.worker.model;

/**
 * Examples that are computed together. The arrays may be longer; they are used again for the next batch.
 *
 * @param examples n, at least 1
 * @param input the shape of one example
 * @param targets values of one example's target
 * @param features {@code [n, input]}, of sequences {@code [n, input, steps]}, 0 behind a sequence's end; bytes in [0, 1]
 * @param labels {@code [n, targets]}, of classes one-hot but for what mix-up mixed
 * @param steps of the longest sequence; 1 where there is no time
 * @param mask of sequences {@code [n, steps]}, 1 inside one and 0 behind its end; null where there is no time
 * @param weights how much each counts while the network learns, {@code [n]}, above 0; null when all weigh 1
 */
public record Batch(
        int examples,
        Shape input,
        int targets,
        float[] features,
        float[] labels,
        int steps,
        float[] mask,
        float[] weights) {

    /** What its examples weigh together. */
    public double weight() {
        if (weights == null) {
            return examples;
        }
        double sum = 0;
        for (int i = 0; i < examples; i++) {
            sum += weights[i];
        }
        return sum;
    }
}
