package dev.lockstep.worker.model;

/**
 * Examples that are computed together. The arrays may be longer; they are used again for the next batch.
 *
 * @param examples n, at least 1
 * @param input the shape of one example
 * @param targets values of one example's target
 * @param features {@code [n, input]}, of sequences {@code [n, input, steps]}, 0 behind a sequence's end; bytes in [0, 1]
 * @param labels {@code [n, targets]}, where every step has one {@code [n, targets, steps]}, 0 behind a sequence's end; of
 *     classes one-hot but for what mix-up mixed
 * @param steps of the longest sequence; 1 where there is no time
 * @param mask of sequences {@code [n, steps]}, 1 inside one and 0 behind its end; null where there is no time
 * @param weights how much each counts while the network learns, {@code [n]}, above 0; null when all weigh 1
 * @param everyStep whether each step has a target
 * @param leadIn how many first steps of each example have none all the same, {@code [n]}; null where there are no such
 */
public record Batch(
        int examples,
        Shape input,
        int targets,
        float[] features,
        float[] labels,
        int steps,
        float[] mask,
        float[] weights,
        boolean everyStep,
        int[] leadIn) {

    /** Of examples that have one target each. */
    public Batch(
            int examples,
            Shape input,
            int targets,
            float[] features,
            float[] labels,
            int steps,
            float[] mask,
            float[] weights) {
        this(examples, input, targets, features, labels, steps, mask, weights, false, null);
    }

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

    /** The steps of an example; 1 where there is no time. */
    public int length(int example) {
        if (mask == null) {
            return 1;
        }
        int length = 0;
        while (length < steps && mask[example * steps + length] != 0) {
            length++;
        }
        return length;
    }

    /** The first step of an example that has a target. */
    public int begin(int example) {
        return leadIn == null ? 0 : leadIn[example];
    }

    /** The targets of all examples together, each counted as often as its example weighs. */
    public double weightOfTargets() {
        if (!everyStep) {
            return weight();
        }
        double sum = 0;
        for (int i = 0; i < examples; i++) {
            sum += (weights == null ? 1.0 : weights[i]) * (length(i) - begin(i));
        }
        return sum;
    }
}
