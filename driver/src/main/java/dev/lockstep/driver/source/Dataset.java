package dev.lockstep.driver.source;

import dev.lockstep.driver.config.DataFormat;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.failure.Excerpt;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.ExampleFormat.Target;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.source.Split;
import dev.lockstep.worker.table.Count;
import dev.lockstep.worker.table.Fitted;
import java.util.Locale;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;

/**
 * A data set that was opened and found to be good.
 *
 * @param format what the training examples are, their shape as the network takes it; every label is in {@code [0, classes)}
 * @param train the training examples
 * @param validation what the data itself holds back for validation; null when it says nothing of it
 * @param test the test examples
 * @param fingerprint says which examples these are, in lower-case hex: of files the SHA-256 over the values and labels of those
 *     used, training then test; of a table the sum of its rows' and the limits. It does not depend on where they lie or whether
 *     they are compressed
 * @param fitted what was found out of a table, and belongs to a model that is trained with it
 * @param skipped the rows that were left out because they are no examples
 */
public record Dataset(
        ExampleFormat format,
        ExampleSet train,
        ExampleSet validation,
        ExampleSet test,
        String fingerprint,
        Fitted fitted,
        Count.Bad skipped) {

    /** In how many parts Spark reads files at least, as far as these can be cut. */
    private static final String PARTS = "spark.sql.files.minPartitionNum";

    /** Where nobody can read tables. */
    public static final Supplier<SparkSession> NO_SPARK = () -> {
        throw new ConfigurationException(
                "data.format: a table cannot be read here; expected idx, cifar10, text or generated");
    };

    /** Of files. */
    public Dataset(ExampleFormat format, Split train, Split test, String fingerprint) {
        this(
                format,
                new FileExamples(train),
                null,
                new FileExamples(test),
                fingerprint,
                Fitted.NOTHING,
                Count.NONE.skipped());
    }

    /** The same, with other test examples. */
    public Dataset withTest(ExampleSet others) {
        return new Dataset(format, train, validation, others, fingerprint, fitted, skipped);
    }

    /** Frees what the cluster keeps of it, for programs that go on when nobody needs it any more. */
    public void forget() {
        train.forget();
        test.forget();
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

    /** Opens data that needs no Spark to be read: any but tables. */
    public static Dataset open(RunConfig.Data data, Shape shape, Target target, Configuration hadoop) {
        return open(data, shape, target, hadoop, NO_SPARK);
    }

    /**
     * Opens the data that a configuration names; a new format is a new branch here.
     *
     * @param shape the shape of one example that the network takes
     * @param target what the network is to tell of it
     * @param spark who reads tables; asked for them alone
     * @throws DataException when the data cannot be read or is not what is expected
     */
    public static Dataset open(
            RunConfig.Data data, Shape shape, Target target, Configuration hadoop, Supplier<SparkSession> spark) {
        int classes = target.values();
        refuseSteps(data, target);
        return switch (data.format()) {
            case IDX -> IdxSource.open(data.path(), shape, classes, data.trainLimit(), data.testLimit(), hadoop);
            case CIFAR10 ->
                Cifar10Source.open(data.path(), shape, classes, data.trainLimit(), data.testLimit(), hadoop);
            case GENERATED -> GeneratedSource.open(data, shape, target);
            case TEXT -> new TextSource(data, shape, target, hadoop).open();
            case PARQUET, ORC, CSV, JSON, IMAGES, SOURCE, TABLE -> {
                RunConfig.Table table = data.table();
                SparkSession session = spark.get();
                yield new TableSource(named(data), table, shape, target, Fitted.NOTHING)
                        .open(
                                TableSource.rows(session, table, data.path()),
                                table.testPath() == null ? null : TableSource.rows(session, table, table.testPath()),
                                data.trainLimit(),
                                data.testLimit());
            }
        };
    }

    /**
     * Opens the test examples alone: whoever looks at a model needs no others.
     *
     * @param fitted what a model was trained with
     * @param labelled whether their classes are needed; else each is said to be of class 0, and labels may be missing
     * @throws DataException when they cannot be read or are not what is expected
     */
    public static ExampleSet openTest(
            RunConfig.Data data,
            Shape shape,
            Target target,
            Fitted fitted,
            boolean labelled,
            Configuration hadoop,
            Supplier<SparkSession> spark) {
        int classes = target.values();
        refuseSteps(data, target);
        return switch (data.format()) {
            case IDX ->
                new FileExamples(IdxSource.openTest(data.path(), shape, classes, data.testLimit(), labelled, hadoop));
            case CIFAR10 ->
                new FileExamples(Cifar10Source.openTest(data.path(), shape, classes, data.testLimit(), hadoop));
            case GENERATED -> new FileExamples(GeneratedSource.test(data, shape, target));
            case TEXT -> new TextSource(data, shape, target, hadoop).openTest(fitted);
            case PARQUET, ORC, CSV, JSON, IMAGES, SOURCE, TABLE -> {
                RunConfig.Table table = data.table();
                String path = table.testPath() == null ? data.path() : table.testPath();
                yield new TableSource(named(data), table, shape, target, fitted)
                        .openTest(
                                TableSource.rows(spark.get(), table, path),
                                table.testPath() != null,
                                labelled,
                                data.testLimit());
            }
        };
    }

    /**
     * The test rows of a table, to be answered where they are; which they are is as {@link #openTest} has it, but for a limit:
     * all of them.
     *
     * @throws DataException when the table cannot be read, or is not what the model was trained with
     */
    public static TableAnswers openAnswers(
            RunConfig.Data data, Shape shape, Target target, Fitted fitted, SparkSession spark) {
        refuseSteps(data, target);
        RunConfig.Table table = data.table();
        String path = table.testPath() == null ? data.path() : table.testPath();
        if (!spark.sparkContext().getConf().contains(PARTS)) { // no shuffle behind the reading makes tasks equally long
            spark.conf().set(PARTS, 8L * spark.sparkContext().defaultParallelism());
        }
        return new TableSource(named(data), table, shape, target, fitted)
                .answers(TableSource.rows(spark, table, path), table.testPath() != null);
    }

    private static void refuseSteps(RunConfig.Data data, Target target) {
        if (target.everyStep() && !data.format().tellsSteps()) {
            throw new DataException("data.format: the network tells every step of a sequence, and "
                    + data.format().name().toLowerCase(Locale.ROOT)
                    + " has one target an example; expected generated or text");
        }
    }

    private static String named(RunConfig.Data data) {
        return data.table().query() == null ? Excerpt.of(data.path()) : "data.table";
    }

    /** The format of the test examples in a folder, where nobody says so: CIFAR-10's when it has its file. */
    public static DataFormat formatOfTest(String path, Configuration hadoop) {
        return Cifar10Source.hasTest(path, hadoop) ? DataFormat.CIFAR10 : DataFormat.IDX;
    }
}
