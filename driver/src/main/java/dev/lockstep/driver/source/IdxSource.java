package dev.lockstep.driver.source;

import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.network.Shape;
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

    private static final List<String> FILES = List.of(
            "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte");

    private static final String ADVICE = "set data.path to a directory that has them, such as"
            + " /usr/share/datasets/fashion-mnist of Debian's package dataset-fashion-mnist";

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
        DataLocation location = DataLocation.of(path, hadoop);
        List<String> files = find(location);
        MessageDigest sha = sha256();
        Split train = IdxSplit.open(location, files.get(0), files.get(1), expected, classes, trainLimit, sha);
        Split test = IdxSplit.open(location, files.get(2), files.get(3), expected, classes, testLimit, sha);
        return new Dataset(expected, classes, train, test, HexFormat.of().formatHex(sha.digest()));
    }

    /** The names, in the order of {@link #FILES}, that the files have in this location. */
    private static List<String> find(DataLocation location) {
        Map<String, String> found = new LinkedHashMap<>();
        for (String file : FILES) {
            String dotted = file.replace("-idx", ".idx");
            Stream.of(file, file + ".gz", dotted, dotted + ".gz")
                    .filter(location::exists)
                    .findFirst()
                    .ifPresent(name -> found.put(file, name));
        }
        List<String> missing =
                FILES.stream().filter(file -> !found.containsKey(file)).toList();
        if (!missing.isEmpty()) {
            throw new DataException("%s %s: expected %s (each plain or .gz), found %s; %s"
                    .formatted(
                            location,
                            found.isEmpty() ? "has no IDX data" : "lacks " + String.join(", ", missing),
                            String.join(", ", FILES),
                            location.contents(),
                            found.isEmpty() ? ADVICE : "get what is missing of the same data set"));
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
