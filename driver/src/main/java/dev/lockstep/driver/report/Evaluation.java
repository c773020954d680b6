package dev.lockstep.driver.report;

import dev.lockstep.driver.evaluate.Scores;
import dev.lockstep.driver.run.DamagedFileException;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.run.StoredJson;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * The evaluation a run ended with, from its {@code evaluation.json}.
 *
 * @param scores of no classes when the file has no confusion matrix
 * @param classes the name of each class of the confusion matrix
 */
record Evaluation(String split, long step, Scores scores, List<String> classes, List<Sample> samples) {
    static final String FILE = "evaluation.json";

    /** No label is beyond: each class below it would get a name. */
    private static final int MOST_CLASSES = 100_000;

    /**
     * One example and what the network made of it.
     *
     * @param probabilities by class
     * @param shape channels, height, width; anything else is not a picture
     * @param values a byte a value, channel by channel, row by row
     */
    record Sample(long index, int label, int predicted, double[] probabilities, int[] shape, byte[] values) {
        Sample {
            probabilities = probabilities == null ? new double[0] : probabilities;
            shape = shape == null ? new int[0] : shape;
            values = values == null ? new byte[0] : values;
        }
    }

    /** The file, as it is written. @param confusion jagged when it is damaged */
    private record Stored(
            String split,
            long step,
            Double loss,
            Double accuracy,
            long[][] confusion,
            List<String> classes,
            List<Sample> samples) {}

    /**
     * @return null when the folder has none
     * @throws DamagedFileException when it is not what a run leaves
     */
    static Evaluation read(RunFolder folder) throws IOException {
        StoredJson json = StoredJson.read(folder, FILE);
        return json == null ? null : of(json);
    }

    static Evaluation of(StoredJson json) throws DamagedFileException {
        Stored stored = json.as(Stored.class);
        long[][] confusion = square(stored.confusion());
        List<Sample> samples = Objects.requireNonNullElse(stored.samples(), List.of());
        int classes = confusion.length;
        for (Sample sample : samples) {
            if (sample == null) {
                throw json.damaged("a sample is null");
            }
            for (int label : List.of(sample.label(), sample.predicted())) {
                if (label < 0 || label >= MOST_CLASSES) {
                    throw json.damaged("a sample is said to be of class " + label);
                }
                classes = Math.max(classes, label + 1);
            }
        }
        List<String> names = Objects.requireNonNullElse(stored.classes(), List.of());
        return new Evaluation(
                Objects.requireNonNullElse(stored.split(), "test"),
                stored.step(),
                Scores.of(Objects.requireNonNullElse(stored.loss(), Double.NaN), confusion),
                IntStream.range(0, classes)
                        .mapToObj(i -> i < names.size() && names.get(i) != null ? names.get(i) : Integer.toString(i))
                        .toList(),
                samples);
    }

    /** No rows when it is not a square. */
    private static long[][] square(long[][] confusion) {
        boolean square = confusion != null
                && Arrays.stream(confusion).allMatch(row -> row != null && row.length == confusion.length);
        return square ? confusion : new long[0][0];
    }
}
