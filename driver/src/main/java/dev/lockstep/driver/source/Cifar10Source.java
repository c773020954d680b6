package dev.lockstep.driver.source;

import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.source.Cifar10Split;
import dev.lockstep.worker.source.DataLocation;
import dev.lockstep.worker.source.Split;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
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
    private static final int RECORD = Cifar10Split.RECORD;
    private static final int LABELS = 10;
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
        DataLocation location = Use.TRAINING.locate(path, hadoop);
        List<String> train = find(location, TRAIN, Use.TRAINING);
        List<String> test = find(location, TEST, Use.TRAINING);
        checkShape(location, expected, Use.TRAINING);
        MessageDigest sha = IdxSource.sha256();
        ExampleFormat format = ExampleFormat.bytes(expected, classes);
        Split trainSplit = split(location, train, format, trainLimit, sha, Use.TRAINING);
        Split testSplit = split(location, test, format, testLimit, sha, Use.TRAINING);
        return new Dataset(format, trainSplit, testSplit, HexFormat.of().formatHex(sha.digest()));
    }

    /** Opens test examples alone, as {@link Dataset#openTest}; their labels lie in the same file. */
    static Split openTest(String path, Shape expected, int classes, long limit, Configuration hadoop) {
        DataLocation location = Use.EVALUATION.locate(path, hadoop);
        List<String> test = find(location, TEST, Use.EVALUATION);
        checkShape(location, expected, Use.EVALUATION);
        ExampleFormat format = ExampleFormat.bytes(expected, classes);
        return split(location, test, format, limit, IdxSource.sha256(), Use.EVALUATION);
    }

    static boolean hasTest(String path, Configuration hadoop) {
        DataLocation location = Use.EVALUATION.locate(path, hadoop);
        return names(TEST.get(0)).anyMatch(location::exists);
    }

    /** Reads the files to their ends, checks everything and adds the examples used to the fingerprint. */
    private static Cifar10Split split(
            DataLocation location,
            List<String> files,
            ExampleFormat format,
            long limit,
            MessageDigest fingerprint,
            Use use) {
        List<Integer> stored = new ArrayList<>();
        long before = 0;
        for (String file : files) {
            int count = 0;
            try (InputStream in = location.open(file)) {
                byte[] record = in.readNBytes(RECORD);
                for (; record.length == RECORD; record = in.readNBytes(RECORD)) {
                    checkLabel(
                            location.nameOf(file),
                            record[0],
                            count,
                            format.target().values(),
                            use);
                    if (limit == 0 || before + count < limit) {
                        fingerprint.update(record);
                    }
                    count++;
                }
                if (record.length > 0 || count == 0) {
                    throw new DataException(
                            "%s has %d bytes: expected a multiple of %d (a label and 3x32x32 values); get the file again"
                                    .formatted(location.nameOf(file), (long) count * RECORD + record.length, RECORD));
                }
            } catch (IOException e) {
                throw DataLocation.unreadable(location.nameOf(file), e);
            }
            stored.add(count);
            before += count;
        }
        long used = limit == 0 ? before : Math.min(limit, before);
        fingerprint.update(ByteBuffer.allocate(Long.BYTES).putLong(used).flip());
        return new Cifar10Split(location, files, List.copyOf(stored), format, used);
    }

    private static void checkLabel(String file, byte found, int example, int classes, Use use) {
        int label = Byte.toUnsignedInt(found);
        if (label >= LABELS || label >= classes) {
            throw new DataException("%s has label %d at example %d: expected 0 to %d; %s"
                    .formatted(
                            file,
                            label,
                            example,
                            Math.min(LABELS, classes) - 1,
                            label >= LABELS ? "get the file again" : use.classes));
        }
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
