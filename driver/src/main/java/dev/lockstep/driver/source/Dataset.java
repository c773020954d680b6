package dev.lockstep.driver.source;

import dev.lockstep.driver.config.DataFormat;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.ExampleFormat.Target;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.source.Split;
import org.apache.hadoop.conf.Configuration;

/**
 * A data set that was opened and found to be good.
 *
 * @param format what its examples are, their shape as the network takes it; every label is in {@code [0, classes)}
 * @param train the training examples
 * @param test the test examples
 * @param fingerprint SHA-256 (lower-case hex) over the values and labels of the examples used, training then test;
 *     it does not depend on where the files lie or whether they are compressed
 */
public record Dataset(ExampleFormat format, Examples train, Examples test, String fingerprint) {

    /** Of files. */
    public Dataset(ExampleFormat format, Split train, Split test, String fingerprint) {
        this(format, new FileExamples(train), new FileExamples(test), fingerprint);
    }

    /** The training examples of files. */
    Split trainFiles() {
        return ((FileExamples) train).split();
    }

    /** The test examples of files. */
    Split testFiles() {
        return ((FileExamples) test).split();
    }

    /** The shape of one example. */
    public Shape shape() {
        return format.features();
    }

    /** The number of classes. */
    public int classes() {
        return format.target().values();
    }

    /**
     * Opens the data that a configuration names; a new format is a new branch here.
     *
     * @param shape the shape of one example that the network takes
     * @param target what the network is to tell of it
     * @throws DataException when the data cannot be read or is not what is expected
     */
    public static Dataset open(RunConfig.Data data, Shape shape, Target target, Configuration hadoop) {
        int classes = target.values();
        return switch (data.format()) {
            case IDX -> IdxSource.open(data.path(), shape, classes, data.trainLimit(), data.testLimit(), hadoop);
            case CIFAR10 ->
                Cifar10Source.open(data.path(), shape, classes, data.trainLimit(), data.testLimit(), hadoop);
            case CSV -> CsvSource.open(data, shape, target, hadoop);
            case GENERATED -> GeneratedSource.open(data, shape, target);
        };
    }

    /**
     * Opens the test examples alone: whoever looks at a model needs no others.
     *
     * @param labelled whether their classes are needed; else each is said to be of class 0, and labels may be missing
     * @throws DataException when they cannot be read or are not what is expected
     */
    public static Examples openTest(
            RunConfig.Data data, Shape shape, Target target, boolean labelled, Configuration hadoop) {
        int classes = target.values();
        return new FileExamples(
                switch (data.format()) {
                    case IDX -> IdxSource.openTest(data.path(), shape, classes, data.testLimit(), labelled, hadoop);
                    case CIFAR10 -> Cifar10Source.openTest(data.path(), shape, classes, data.testLimit(), hadoop);
                    case CSV -> CsvSource.openTest(data, shape, target, labelled, hadoop);
                    case GENERATED -> GeneratedSource.test(data, shape, target);
                });
    }

    /** The format of the test examples in a folder, where nobody says so: CIFAR-10's when it has its file. */
    public static DataFormat formatOfTest(String path, Configuration hadoop) {
        return Cifar10Source.hasTest(path, hadoop) ? DataFormat.CIFAR10 : DataFormat.IDX;
    }
}
