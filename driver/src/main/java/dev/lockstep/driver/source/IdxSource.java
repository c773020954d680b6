package dev.lockstep.driver.source;

import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.source.DataLocation;
import dev.lockstep.worker.source.IdxSplit;
import dev.lockstep.worker.source.IdxStream;
import dev.lockstep.worker.source.Split;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;

/**
 * Data sets in IDX files, the format of MNIST and its successors: {@code train-images-idx3-ubyte},
 * {@code train-labels-idx1-ubyte}, {@code t10k-images-idx3-ubyte} and {@code t10k-labels-idx1-ubyte} in one directory,
 * each plain or gzipped, with or without {@code .gz} in its name ({@code train-images.idx3-ubyte} is taken, too).
 */
public final class IdxSource {

    private static final String TRAIN_IMAGES = "train-images-idx3-ubyte";
    private static final String TRAIN_LABELS = "train-labels-idx1-ubyte";
    private static final String TEST_IMAGES = "t10k-images-idx3-ubyte";
    private static final String TEST_LABELS = "t10k-labels-idx1-ubyte";

    private IdxSource() {}

    /**
     * Opens a data set, reading all of it once, so that a bad file is told before training starts.
     *
     * @param path a directory on any Hadoop file system, or {@code bundled:NAME} for the class path folder
     *     {@code /data/NAME}
     * @param expected the shape of one example: 1 x rows x columns, or a vector of as many values
     * @param classes the number of classes
     * @param trainLimit use the first so many training examples only; 0 for all
     * @param testLimit use the first so many test examples only; 0 for all
     * @param hadoop the configuration of Hadoop, which tasks will use, too
     * @throws DataException when a file is missing, cannot be read, is damaged, or is not what is expected
     */
    public static Dataset open(
            String path, Shape expected, int classes, long trainLimit, long testLimit, Configuration hadoop) {
        if (trainLimit < 0 || testLimit < 0) {
            throw new IllegalArgumentException("limits must be at least 0, found " + trainLimit + " and " + testLimit);
        }
        DataLocation location = Use.TRAINING.locate(path, hadoop);
        List<String> files =
                find(location, List.of(TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS), Use.TRAINING);
        Expected images = new Expected(expected, classes, Use.TRAINING);
        MessageDigest sha = sha256();
        IdxSplit train = split(location, files.get(0), files.get(1), images, trainLimit, sha);
        IdxSplit test = split(location, files.get(2), files.get(3), images, testLimit, sha);
        if (test.rows() != train.rows()) { // as a vector both may fit
            throw new DataException(
                    "%s holds images of %d rows but %s of %d: expected as many; get both files of the same data set"
                            .formatted(
                                    location.nameOf(files.get(2)),
                                    test.rows(),
                                    location.nameOf(files.get(0)),
                                    train.rows()));
        }
        return new Dataset(
                ExampleFormat.bytes(expected, classes),
                train,
                test,
                HexFormat.of().formatHex(sha.digest()));
    }

    /** Opens test examples alone, as {@link Dataset#openTest}. */
    static Split openTest(
            String path, Shape expected, int classes, long limit, boolean labelled, Configuration hadoop) {
        DataLocation location = Use.EVALUATION.locate(path, hadoop);
        List<String> files =
                find(location, labelled ? List.of(TEST_IMAGES, TEST_LABELS) : List.of(TEST_IMAGES), Use.EVALUATION);
        return split(
                location,
                files.get(0),
                labelled ? files.get(1) : null,
                new Expected(expected, classes, Use.EVALUATION),
                limit,
                sha256());
    }

    /**
     * What the files must hold.
     *
     * @param shape of an example
     * @param classes each label is below
     */
    private record Expected(Shape shape, int classes, Use use) {}

    /** Reads the files to their ends, checks everything and adds the examples used to the fingerprint. */
    private static IdxSplit split(
            DataLocation location,
            String imageFile,
            String labelFile,
            Expected expected,
            long limit,
            MessageDigest fingerprint) {
        try (IdxStream images = new IdxStream(location, imageFile, IdxStream.IMAGES)) {
            checkShape(images, expected);
            int stored = images.size(0);
            int exampleSize = expected.shape().size();
            long used = limit == 0 ? stored : Math.min(limit, stored);
            fingerprint.update(
                    ByteBuffer.allocate(12).putLong(used).putInt(exampleSize).flip());
            if (labelFile == null) {
                readImages(images, exampleSize, used, fingerprint);
            } else {
                try (IdxStream labels = new IdxStream(location, labelFile, IdxStream.LABELS)) {
                    checkCount(images, labels);
                    readImages(images, exampleSize, used, fingerprint);
                    readLabels(labels, expected, used, fingerprint);
                }
            }
            ExampleFormat format = ExampleFormat.bytes(expected.shape(), expected.classes());
            return new IdxSplit(location, imageFile, labelFile, images.size(1), format, stored, used);
        }
    }

    private static void readImages(IdxStream images, int exampleSize, long used, MessageDigest fingerprint) {
        images.read(used * exampleSize, (first, values, length) -> fingerprint.update(values, 0, length));
        images.read((images.size(0) - used) * exampleSize, (first, values, length) -> {});
        images.expectEnd();
    }

    private static void readLabels(IdxStream labels, Expected expected, long used, MessageDigest fingerprint) {
        labels.read(used, (first, values, length) -> {
            checkLabels(labels, first, values, length, expected);
            fingerprint.update(values, 0, length);
        });
        labels.read(
                labels.size(0) - used, (first, values, length) -> checkLabels(labels, first, values, length, expected));
        labels.expectEnd();
    }

    private static void checkCount(IdxStream images, IdxStream labels) {
        if (labels.size(0) != images.size(0)) {
            throw new DataException(
                    "%s has %d images but %s has %d labels: expected as many; get both files of the same data set"
                            .formatted(images.name(), images.size(0), labels.name(), labels.size(0)));
        }
    }

    private static void checkShape(IdxStream images, Expected wanted) {
        Shape expected = wanted.shape();
        int rows = images.size(1);
        int columns = images.size(2);
        boolean fits = expected.isImage()
                ? expected.channels() == 1 && expected.height() == rows && expected.width() == columns
                : expected.size() == (long) rows * columns;
        if (!fits) {
            throw new DataException("%s holds images of 1x%dx%d but the network expects %s; %s"
                    .formatted(images.name(), rows, columns, expected, wanted.use().shape));
        }
    }

    private static void checkLabels(IdxStream labels, long first, byte[] values, int length, Expected expected) {
        for (int i = 0; i < length; i++) {
            int label = Byte.toUnsignedInt(values[i]);
            if (label >= expected.classes()) {
                throw new DataException("%s has label %d at example %d: expected 0 to %d; %s or get the file again"
                        .formatted(labels.name(), label, first + i, expected.classes() - 1, expected.use().classes));
            }
        }
    }

    /** The names, in their order, that the files have in this location. */
    private static List<String> find(DataLocation location, List<String> files, Use use) {
        Map<String, String> found = new LinkedHashMap<>();
        for (String file : files) {
            String dotted = file.replace("-idx", ".idx");
            Stream.of(file, file + ".gz", dotted, dotted + ".gz")
                    .filter(location::exists)
                    .findFirst()
                    .ifPresent(name -> found.put(file, name));
        }
        List<String> missing =
                files.stream().filter(file -> !found.containsKey(file)).toList();
        if (!missing.isEmpty()) {
            throw new DataException("%s %s: expected %s (each plain or .gz), found %s; %s"
                    .formatted(
                            location,
                            found.isEmpty() ? "has no IDX data" : "lacks " + String.join(", ", missing),
                            String.join(", ", files),
                            location.contents(),
                            found.isEmpty()
                                    ? use.folder
                                            + " a directory that has them, such as /usr/share/datasets/fashion-mnist"
                                            + " of Debian's package dataset-fashion-mnist"
                                    : "get what is missing of the same data set"));
        }
        return List.copyOf(found.values());
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
