package dev.lockstep.worker.data;

import dev.lockstep.worker.augment.Augmentation;
import dev.lockstep.worker.augment.Examples;
import dev.lockstep.worker.model.Batch;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.seed.SplitMix64;
import java.util.Arrays;
import java.util.List;

/**
 * Turns packed examples into the values a network takes. Sequences are padded to the longest one of the batch. The arrays
 * are reused: what a call returns is valid until the next call. Not for several threads.
 */
public final class BatchReader {
    private final ExampleFormat format;
    private final Shape input;
    private final List<Double> classWeights;
    private float[] values = new float[0];
    private float[] labels = new float[0];
    private float[] mask = new float[0];
    private float[] sequence = new float[0];
    private float[] weights = new float[0];

    /** For a network that takes examples in their own shape. */
    public BatchReader(ExampleFormat format) {
        this(format, format.features());
    }

    /** @param input the shape that the network takes an example in; it has as many values */
    public BatchReader(ExampleFormat format, Shape input) {
        this(format, input, List.of());
    }

    /** @param classWeights as {@link dev.lockstep.worker.model.NetworkDefinition#classWeights} */
    public BatchReader(ExampleFormat format, Shape input, List<Double> classWeights) {
        this.format = format;
        this.input = input;
        this.classWeights = classWeights;
    }

    /** @param examples at least one, each packed */
    public Batch read(List<byte[]> examples) {
        return read(examples, List.of(), 0);
    }

    /**
     * The same for training.
     *
     * @param augmentations applied one after the other; none of sequences
     * @param seed from the seed law, purpose AUGMENTATION
     */
    public Batch read(List<byte[]> examples, List<Augmentation> augmentations, long seed) {
        int count = examples.size();
        int targets = format.target().values();
        int steps = examples.stream().mapToInt(format::steps).max().orElseThrow();
        int size = input.size() * steps;
        if (values.length < count * size) {
            values = new float[count * size];
        }
        readTargets(examples, steps);
        boolean weighted = format.weighted() || !classWeights.isEmpty();
        if (weighted) {
            readWeights(examples);
        }
        float[] ofExamples = weighted ? weights : null;
        if (input.hasTime()) {
            readSequences(examples, steps);
            boolean everyStep = format.target().everyStep();
            int[] leadIn =
                    format.ledIn() ? examples.stream().mapToInt(format::leadIn).toArray() : null;
            return new Batch(count, input, targets, values, labels, steps, mask, ofExamples, everyStep, leadIn);
        }
        for (int example = 0; example < count; example++) {
            format.readFeatures(examples.get(example), values, example * size);
        }
        SplitMix64 random = new SplitMix64(seed);
        for (Augmentation augmentation : augmentations) {
            augmentation.apply(
                    new Examples(
                            count,
                            input.channels(),
                            Math.max(1, input.height()),
                            Math.max(1, input.width()),
                            targets,
                            values,
                            labels,
                            ofExamples),
                    random);
        }
        return new Batch(count, input, targets, values, labels, 1, null, ofExamples);
    }

    /** To {@code [n, targets]}, or {@code [n, targets, steps]}, 0 behind an example's end. */
    private void readTargets(List<byte[]> examples, int steps) {
        int targets = format.target().values();
        int size = targets * (format.target().everyStep() ? steps : 1);
        if (labels.length < examples.size() * size) {
            labels = new float[examples.size() * size];
        }
        Arrays.fill(labels, 0, examples.size() * size, 0f);
        for (int example = 0; example < examples.size(); example++) {
            byte[] packed = examples.get(example);
            if (!format.target().everyStep()) {
                format.readTarget(packed, labels, example * size);
                continue;
            }
            float[] own = format.target(packed);
            int from = example * size + format.leadIn(packed);
            for (int i = 0; i < own.length; i++) {
                labels[from + i % targets * steps + i / targets] = own[i];
            }
        }
    }

    /** Of each example its own times that of its class. */
    private void readWeights(List<byte[]> examples) {
        if (weights.length < examples.size()) {
            weights = new float[examples.size()];
        }
        for (int example = 0; example < examples.size(); example++) {
            byte[] packed = examples.get(example);
            double ofClass = classWeights.isEmpty() ? 1 : classWeights.get(ExampleFormat.classOf(packed));
            weights[example] = (float) (format.weight(packed) * ofClass);
        }
    }

    /** To {@code [n, features, steps]}, 0 behind an example's end, and 1 in the mask {@code [n, steps]} before it. */
    private void readSequences(List<byte[]> examples, int steps) {
        int width = input.size();
        int count = examples.size();
        if (mask.length < count * steps) {
            mask = new float[count * steps];
        }
        if (sequence.length < steps * width) {
            sequence = new float[steps * width];
        }
        Arrays.fill(values, 0, count * width * steps, 0f);
        Arrays.fill(mask, 0, count * steps, 0f);
        for (int example = 0; example < count; example++) {
            byte[] packed = examples.get(example);
            int own = format.steps(packed);
            format.readFeatures(packed, sequence, 0);
            for (int step = 0; step < own; step++) {
                for (int feature = 0; feature < width; feature++) {
                    values[(example * width + feature) * steps + step] = sequence[step * width + feature];
                }
                mask[example * steps + step] = 1f;
            }
        }
    }
}
