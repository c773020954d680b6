package dev.lockstep.driver.source;

import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.Shape;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;

/**
 * CIFAR-10 in its binary version (Krizhevsky 2009): {@code data_batch_1.bin} to {@code data_batch_5.bin} and
 * {@code test_batch.bin} in a directory or in its {@code cifar-10-batches-bin}, each plain or gzipped. A record is a label
 * and the red, green and blue plane of 32 x 32 bytes, so examples are 3 x 32 x 32.
 */
final class Cifar10Source {
    private static final String FOLDER = "cifar-10-batches-bin/";
    private static final List<String> TRAIN =
            List.of("data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin");
    private static final List<String> TEST = List.of("test_batch.bin");
    private static final Shape IMAGE = new Shape(3, 32, 32);

    private Cifar10Source() {}

    /**
     * Opens the data set, reading all of it once, so that a bad file is told before training starts.
     *
     * @param expected the shape of one example: 3 x 32 x 32, or a vector of 3072
     * @param classes the number of classes
     * @param trainLimit use the first so many training examples only; 0 for all
     * @param testLimit use the first so many test examples only; 0 for all
     * @throws DataException when a file is missing, cannot be read, is damaged, or is not what is expected
     */
    static Dataset open(
            String path, Shape expected, int classes, long trainLimit, long testLimit, Configuration hadoop) {
        DataLocation location = DataLocation.of(path, Use.TRAINING, hadoop);
        List<String> train = find(location, TRAIN, Use.TRAINING);
        List<String> test = find(location, TEST, Use.TRAINING);
        checkShape(location, expected, Use.TRAINING);
        MessageDigest sha = IdxSource.sha256();
        ExampleFormat format = ExampleFormat.bytes(expected, classes);
        Split trainSplit = Cifar10Split.open(location, train, format, trainLimit, sha, Use.TRAINING);
        Split testSplit = Cifar10Split.open(location, test, format, testLimit, sha, Use.TRAINING);
        return new Dataset(format, trainSplit, testSplit, HexFormat.of().formatHex(sha.digest()));
    }

    /** Opens test examples alone, as {@link Dataset#openTest}; their labels lie in the same file. */
    static Split openTest(String path, Shape expected, int classes, long limit, Configuration hadoop) {
        DataLocation location = DataLocation.of(path, Use.EVALUATION, hadoop);
        List<String> test = find(location, TEST, Use.EVALUATION);
        checkShape(location, expected, Use.EVALUATION);
        ExampleFormat format = ExampleFormat.bytes(expected, classes);
        return Cifar10Split.open(location, test, format, limit, IdxSource.sha256(), Use.EVALUATION);
    }

    static boolean hasTest(String path, Configuration hadoop) {
        DataLocation location = DataLocation.of(path, Use.EVALUATION, hadoop);
        return names(TEST.get(0)).anyMatch(location::exists);
    }

    private static void checkShape(DataLocation location, Shape expected, Use use) {
        if (!expected.equals(IMAGE) && !expected.equals(Shape.vector(IMAGE.size()))) {
            throw new DataException("%s holds images of %s but the network expects %s; %s"
                    .formatted(location, IMAGE, expected, use.shape));
        }
    }

    private static List<String> find(DataLocation location, List<String> files, Use use) {
        List<String> found = new ArrayList<>();
        for (String file : files) {
            found.add(names(file)
                    .filter(location::exists)
                    .findFirst()
                    .orElseThrow(() -> new DataException(
                            ("%s lacks %s: expected CIFAR-10's binary version, data_batch_1.bin to data_batch_5.bin and"
                                            + " test_batch.bin (each plain or .gz), found %s; %s the directory that"
                                            + " cifar-10-binary.tar.gz unpacks to")
                                    .formatted(location, file, location.contents(), use.folder))));
        }
        return List.copyOf(found);
    }

    private static Stream<String> names(String file) {
        return Stream.of(file, file + ".gz", FOLDER + file, FOLDER + file + ".gz");
    }
}
