package dev.lockstep.driver.source;

import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.network.Shape;
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
        DataLocation location = DataLocation.of(path, hadoop);
        List<String> train = find(location, TRAIN);
        List<String> test = find(location, TEST);
        if (!expected.equals(IMAGE) && !expected.equals(Shape.vector(IMAGE.size()))) {
            throw new DataException(
                    "%s holds images of %s but the network expects %s; change network.input or data.path"
                            .formatted(location, IMAGE, expected));
        }
        MessageDigest sha = IdxSource.sha256();
        Split trainSplit = Cifar10Split.open(location, train, classes, trainLimit, sha);
        Split testSplit = Cifar10Split.open(location, test, classes, testLimit, sha);
        return new Dataset(
                expected, classes, trainSplit, testSplit, HexFormat.of().formatHex(sha.digest()));
    }

    private static List<String> find(DataLocation location, List<String> files) {
        List<String> found = new ArrayList<>();
        for (String file : files) {
            found.add(Stream.of(file, file + ".gz", FOLDER + file, FOLDER + file + ".gz")
                    .filter(location::exists)
                    .findFirst()
                    .orElseThrow(() -> new DataException(
                            ("%s lacks %s: expected CIFAR-10's binary version, data_batch_1.bin to data_batch_5.bin and"
                                            + " test_batch.bin (each plain or .gz), found %s; set data.path to the"
                                            + " directory that cifar-10-binary.tar.gz unpacks to")
                                    .formatted(location, file, location.contents()))));
        }
        return List.copyOf(found);
    }
}
