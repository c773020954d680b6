package dev.lockstep.driver.report;

import dev.lockstep.driver.evaluate.Calibration;
import dev.lockstep.driver.evaluate.Roc;
import dev.lockstep.driver.evaluate.Scores;
import dev.lockstep.driver.run.DamagedFileException;
import dev.lockstep.driver.run.MetricsLine;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.run.StoredJson;
import dev.lockstep.worker.model.objective.Objective;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The evaluation a run ended with, from its {@code evaluation.json}.
 *
 * @param objective what the figures are of
 * @param scores of no classes when the file has no confusion matrix
 * @param calibration null when the file has none
 * @param roc null when the file has none
 * @param classes the name of each class of the confusion matrix; of another objective, of each label or value
 */
record Evaluation(
        String split,
        long step,
        Objective objective,
        Scores scores,
        Calibration calibration,
        Roc roc,
        List<String> classes,
        List<Sample> samples) {
    static final String FILE = "evaluation.json";

    private static final Set<String> NO_FIGURES = Set.of("step", "examples", MetricsLine.LOSS);

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

        boolean isMistake() {
            return label != predicted;
        }

        /** The probability of the class that it was taken for; NaN where it is not known. */
        double confidence() {
            return predicted < probabilities.length ? probabilities[predicted] : Double.NaN;
        }
    }

    /** The file, as it is written. @param confusion jagged when it is damaged */
    private record Stored(
            String split,
            long step,
            long examples,
            Double loss,
            Double accuracy,
            long[][] confusion,
            List<String> classes,
            Calibration calibration,
            Roc roc,
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
        Map<String, Double> figures = json.numbersFrom("");
        figures.keySet().removeAll(NO_FIGURES);
        Objective objective = Objective.ofFigures(figures.keySet());
        return objective == Objective.CLASSIFICATION
                ? ofClasses(json, stored)
                : ofTargets(json, stored, objective, figures);
    }

    private static Evaluation ofTargets(
            StoredJson json, Stored stored, Objective objective, Map<String, Double> figures)
            throws DamagedFileException {
        Map<String, double[]> ofTargets = json.numberLists("of_targets");
        List<Integer> sizes = ofTargets.values().stream()
                .map(values -> values.length)
                .distinct()
                .toList();
        if (sizes.size() > 1) {
            throw json.damaged("of_targets: expected lists of one length, found " + sizes);
        }
        return new Evaluation(
                Objects.requireNonNullElse(stored.split(), "test"),
                stored.step(),
                objective,
                new Scores(stored.examples(), loss(stored), figures, ofTargets, new long[0][]),
                null,
                null,
                names(stored, sizes.isEmpty() ? 0 : sizes.get(0)),
                List.of());
    }

    private static Evaluation ofClasses(StoredJson json, Stored stored) throws DamagedFileException {
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
        return new Evaluation(
                Objects.requireNonNullElse(stored.split(), "test"),
                stored.step(),
                Objective.CLASSIFICATION,
                Scores.of(loss(stored), confusion),
                calibration(json, stored.calibration()),
                roc(json, stored.roc()),
                names(stored, classes),
                samples);
    }

    /** null for none. */
    private static Calibration calibration(StoredJson json, Calibration stored) throws DamagedFileException {
        if (stored == null) {
            return null;
        }
        if (stored.examples() == null
                || stored.confidence() == null
                || stored.accuracy() == null
                || stored.confidence().length != stored.examples().length
                || stored.accuracy().length != stored.examples().length) {
            throw json.damaged("calibration: expected lists of one length");
        }
        return stored;
    }

    /** null for none. */
    private static Roc roc(StoredJson json, Roc stored) throws DamagedFileException {
        if (stored != null
                && (stored.found() == null
                        || stored.fallout() == null
                        || stored.precision() == null
                        || stored.found().length == 0
                        || stored.found().length != stored.fallout().length
                        || stored.found().length != stored.precision().length)) {
            throw json.damaged("roc: expected lists of one length, from 1");
        }
        return stored;
    }

    private static double loss(Stored stored) {
        return Objects.requireNonNullElse(stored.loss(), Double.NaN);
    }

    /** Their numbers where they have none. */
    private static List<String> names(Stored stored, int size) {
        List<String> names = Objects.requireNonNullElse(stored.classes(), List.of());
        return IntStream.range(0, size)
                .mapToObj(i -> i < names.size() && names.get(i) != null ? names.get(i) : Integer.toString(i))
                .toList();
    }

    /** No rows when it is not a square. */
    private static long[][] square(long[][] confusion) {
        boolean square = confusion != null
                && Arrays.stream(confusion).allMatch(row -> row != null && row.length == confusion.length);
        return square ? confusion : new long[0][0];
    }
}
