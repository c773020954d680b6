package dev.lockstep.driver.source;

import dev.lockstep.driver.config.RunConfig.Columns;
import dev.lockstep.driver.config.RunConfig.OnBadRow;
import dev.lockstep.driver.config.RunConfig.Table;
import dev.lockstep.driver.spark.Jobs;
import dev.lockstep.driver.spark.Releases;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.failure.Excerpt;
import dev.lockstep.worker.failure.LockstepException;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.ExampleFormat.Element;
import dev.lockstep.worker.model.ExampleFormat.Target;
import dev.lockstep.worker.model.Scaling;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.source.DataLocation;
import dev.lockstep.worker.table.Column;
import dev.lockstep.worker.table.Count;
import dev.lockstep.worker.table.Fitted;
import dev.lockstep.worker.table.KeyRanges;
import dev.lockstep.worker.table.KeyedBlock;
import dev.lockstep.worker.table.KeyedBlock.Sample;
import dev.lockstep.worker.table.Moments;
import dev.lockstep.worker.table.PartBlock;
import dev.lockstep.worker.table.PartOf;
import dev.lockstep.worker.table.RowEncoder;
import dev.lockstep.worker.table.RowEncoder.Marks;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.spark.HashPartitioner;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import scala.Tuple2;

/**
 * Tables that Spark reads. Their rows have no order: that of the examples is the order of their ids, and where there are none
 * that of a digest of their content, so that it does not depend on files, partitions, executors or Spark's plans.
 *
 * @param name as messages call it
 * @param wanted what the columns mean
 * @param input the shape of an example as the network takes it
 * @param fitted what is known of it from before; else the table says it
 */
public record TableSource(String name, Table wanted, Shape input, Target target, Fitted fitted) {
    private static final Duration DEADLINE = Duration.ofHours(12);

    /**
     * Rows in order.
     *
     * @param counts of each partition
     * @param scalable which of the features are numbers
     */
    private record Sorted(
            JavaRDD<PartBlock> blocks, List<Count> counts, ExampleFormat format, Fitted fitted, boolean[] scalable) {

        Count all() {
            return counts.stream().reduce(Count::plus).orElse(Count.NONE);
        }

        TableExamples part(int part, long limit) {
            long[] firsts = new long[counts.size()];
            for (int i = 1; i < firsts.length; i++) {
                firsts[i] = firsts[i - 1] + counts.get(i - 1).parts()[part];
            }
            long size = all().parts()[part];
            long used = limit == 0 ? size : Math.min(limit, size);
            return new TableExamples(blocks, new PartOf(part, firsts, used), used, format, all().skipped());
        }
    }

    /** Reads the table that a configuration names. */
    static Dataset<Row> rows(SparkSession session, Table wanted, String path) {
        return reading(
                wanted.query() == null ? Excerpt.of(path) : "data.table",
                () -> wanted.query() == null
                        ? PictureFiles.SOURCE.equals(wanted.source())
                                ? PictureFiles.rows(session, wanted.options(), path)
                                : path.startsWith(DataLocation.BUNDLED)
                                        ? bundled(session, wanted, path)
                                        : session.read()
                                                .format(wanted.source())
                                                .options(wanted.options())
                                                .load(path)
                        : session.sql(isName(wanted.query()) ? "SELECT * FROM " + wanted.query() : wanted.query()));
    }

    /** Whether it is one word, as a query is not; what is in backticks may have blanks. */
    private static boolean isName(String query) {
        return query.strip().replaceAll("`[^`]*`", "quoted").chars().noneMatch(Character::isWhitespace);
    }

    /** Of a table in text that our jar has, which is small: {@code bundled:NAME} is NAME.csv in NAME. */
    private static Dataset<Row> bundled(SparkSession session, Table wanted, String path) {
        String name = path.substring(DataLocation.BUNDLED.length());
        String file = name + ".csv";
        DataLocation place = new DataLocation.Bundled(name);
        if (!"csv".equals(wanted.source()) || !place.exists(file)) {
            throw new DataException(
                    Excerpt.of(path) + ": no such table is bundled in the jar; expected data.format = csv"
                            + " and bundled:iris or bundled:el-nino, or a path");
        }
        try (InputStream in = place.open(file)) {
            List<String> lines = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            return session.read().options(wanted.options()).csv(session.createDataset(lines, Encoders.STRING()));
        } catch (IOException e) {
            throw DataLocation.unreadable(place.nameOf(file), e);
        }
    }

    /**
     * Opens training, validation and test rows, reading all of them, so that a bad row is told before training starts.
     *
     * @param test the test rows; null when they are among the others
     * @throws DataException when the rows cannot be read, or are not what is expected
     */
    public dev.lockstep.driver.source.Dataset open(
            Dataset<Row> rows, Dataset<Row> test, long trainLimit, long testLimit) {
        Sorted found = sorted(rows, RowEncoder.TRAINING, true);
        Sorted tested = found;
        try {
            Count all = found.all();
            requireSome(all);
            Sorted training = scaled(found, trainLimit);
            tested = training;
            if (test != null) {
                tested = new TableSource("the test table", wanted.ofTestAlone(), input, target, training.fitted())
                        .sorted(test, RowEncoder.TEST, true);
            }
            ExampleSet validation =
                    all.parts()[RowEncoder.VALIDATION] == 0 ? null : training.part(RowEncoder.VALIDATION, 0);
            return new dev.lockstep.driver.source.Dataset(
                    training.format(),
                    training.part(RowEncoder.TRAINING, trainLimit),
                    validation,
                    tested.part(RowEncoder.TEST, testLimit),
                    HexFormat.of()
                                    .formatHex(
                                            test == null
                                                    ? all.digest()
                                                    : all.plus(tested.all()).digest())
                            + (trainLimit + testLimit == 0 ? "" : " " + trainLimit + " " + testLimit),
                    training.fitted(),
                    all.plus(test == null ? Count.NONE : tested.all()).skipped());
        } catch (RuntimeException e) {
            Releases.release(found.blocks());
            Releases.release(tested.blocks());
            throw e;
        }
    }

    /**
     * Opens test rows alone.
     *
     * @param all whether every row is one; else those that are drawn or marked
     * @param labelled whether their labels are needed; else the column may be missing
     */
    public ExampleSet openTest(Dataset<Row> rows, boolean all, boolean labelled, long limit) {
        // What is drawn by its content is drawn with its label.
        return (all ? ofTestAlone() : this)
                .sorted(rows, all ? RowEncoder.TEST : RowEncoder.TRAINING, labelled || !all)
                .part(RowEncoder.TEST, limit);
    }

    /** The same of rows that are all for the test. */
    private TableSource ofTestAlone() {
        return new TableSource(name, wanted.ofTestAlone(), input, target, fitted);
    }

    /**
     * What a model says of test rows.
     *
     * @param all whether every row is one; else those that are drawn or marked
     */
    TableAnswers answers(Dataset<Row> rows, boolean all) {
        TableSource source = all ? ofTestAlone() : this;
        TableColumns columns = new TableColumns(name, rows, fitted);
        return reading(name, () -> {
            int kept = columns.kept(wanted.columns().id(), wanted.pictures());
            // What is drawn by its content is drawn with its label.
            RowEncoder encoder = source.encoder(columns, all ? RowEncoder.TEST : RowEncoder.TRAINING, !all);
            List<String> told = target.kind() == Target.Kind.CLASS
                    ? columns.known(wanted.columns().label().get(0))
                    : List.of();
            return new TableAnswers(name, columns.selected(), kept, encoder, told, wanted.onBadRow() == OnBadRow.SKIP);
        });
    }

    /**
     * The same rows, scaled as those ask for that are learnt from.
     *
     * @param limit how many these are; 0 for all
     */
    private Sorted scaled(Sorted of, long limit) {
        if (wanted.scaling() == Scaling.Kind.NONE) {
            return of;
        }
        Moments moments =
                reading(name, () -> of.part(RowEncoder.TRAINING, limit).moments());
        Scaling scaling = moments.scaling(wanted.scaling(), of.scalable());
        return new Sorted(
                of.blocks(),
                of.counts(),
                of.format().scaled(scaling),
                of.fitted().with(scaling),
                of.scalable());
    }

    /**
     * Makes examples of rows that have all their columns and are to be answered; labels and marks are no matter.
     *
     * @throws DataException when a column is missing, or of another type
     */
    public RowEncoder whole(Dataset<Row> rows) {
        return reading(name, () -> {
            TableColumns columns = new TableColumns(name, rows, fitted).whole();
            List<Column> features = columns.features(wanted.columns(), input, wanted.pictures());
            return new RowEncoder(
                    features,
                    List.of(),
                    Marks.none(RowEncoder.TEST),
                    0,
                    format(features).scaled(fitted.scaling()));
        });
    }

    /** What examples of these features are, without weights. */
    private ExampleFormat format(List<Column> features) {
        boolean bytes = features.size() == 1 && features.get(0).isOfBytes() && target.kind() == Target.Kind.CLASS;
        return new ExampleFormat(bytes ? Element.BYTE : Element.FLOAT, input, target);
    }

    /** @param part what every row is for that nothing else says it of */
    private Sorted sorted(Dataset<Row> rows, int part, boolean labelled) {
        return reading(name, () -> readAndSorted(rows, part, labelled));
    }

    private Sorted readAndSorted(Dataset<Row> rows, int part, boolean labelled) {
        TableColumns columns = new TableColumns(name, rows, fitted);
        RowEncoder encoder = encoder(columns, part, labelled);
        ExampleFormat format = encoder.format();
        boolean[] scalable = new boolean[input.size()];
        if (wanted.scaling() != Scaling.Kind.NONE) {
            scalable = Scalable.among(name, encoder.features(), input.size());
        }
        JavaSparkContext spark =
                JavaSparkContext.fromSparkContext(rows.sparkSession().sparkContext());
        // Read once: they are looked at before they are sorted, so that each task has about as many to sort.
        JavaRDD<KeyedBlock> encoded = columns.selected()
                .javaRDD()
                .mapPartitions(all -> KeyedBlock.of(all, encoder))
                .persist(StorageLevel.MEMORY_AND_DISK());
        JavaRDD<PartBlock> blocks = null;
        try {
            List<Sample> samples =
                    Jobs.collect(spark, encoded.flatMap(block -> block.samples().iterator()), "read " + name, DEADLINE);
            KeyRanges ranges = KeyRanges.of(samples, spark.defaultParallelism());
            blocks = encoded.flatMapToPair(block -> ranges.cut(block).stream()
                            .map(piece -> new Tuple2<>(piece.range(), piece.rows()))
                            .iterator())
                    .partitionBy(new HashPartitioner(ranges.count())) // a number's hash is the number
                    .values()
                    .mapPartitions(PartBlock::of)
                    .persist(StorageLevel.MEMORY_AND_DISK());
            List<Count> counts = Jobs.collect(
                    spark,
                    blocks.mapPartitions(all -> List.of(Count.of(all, format)).iterator()),
                    "sort " + name,
                    DEADLINE);
            Sorted sorted = new Sorted(blocks, counts, format, fitted(encoder), scalable);
            refuseBad(sorted.all());
            return sorted;
        } catch (RuntimeException e) {
            if (blocks != null) {
                Releases.release(blocks);
            }
            throw e;
        } finally {
            Releases.release(encoded);
        }
    }

    /**
     * How rows become examples.
     *
     * @param part what every row is for that nothing else says it of
     * @param labelled whether their labels are needed; else the column may be missing
     */
    RowEncoder encoder(TableColumns columns, int part, boolean labelled) {
        try {
            return encoderOf(columns, part, labelled);
        } catch (DataException e) {
            if (columns.areEmpty()) { // then nobody knows of which types they are
                throw new DataException(name + " is empty", e);
            }
            throw e;
        }
    }

    private RowEncoder encoderOf(TableColumns columns, int part, boolean labelled) {
        Columns meant = wanted.columns();
        List<Column> features = columns.features(meant, input, wanted.pictures());
        List<Column> label = labelled ? columns.label(meant, target) : List.of();
        Marks marks = new Marks(
                columns.id(meant.id()),
                columns.number(meant.weight(), "data.columns.weight"),
                columns.flag(meant.validation(), "data.columns.validation"),
                columns.flag(meant.test(), "data.columns.test"),
                columns.file(),
                part);
        ExampleFormat plain = format(features);
        ExampleFormat format = meant.weight() == null ? plain : plain.withWeights();
        return new RowEncoder(features, label, marks, wanted.testFraction(), format.scaled(fitted.scaling()));
    }

    /** What there is to remember of the table. */
    private Fitted fitted(RowEncoder encoder) {
        Map<String, List<String>> words = new TreeMap<>();
        encoder.features().forEach(column -> words.put(column.name(), column.words()));
        encoder.label().forEach(column -> words.put(column.name(), column.words()));
        words.values().removeIf(List::isEmpty);
        return new Fitted(encoder.features().stream().map(Column::name).toList(), words, fitted.scaling());
    }

    private void refuseBad(Count all) {
        long bad = all.parts()[RowEncoder.BAD];
        if (bad > 0 && wanted.onBadRow() == OnBadRow.FAIL) {
            throw new DataException("%s: %s%s (data.on-bad-row = skip leaves such rows out)"
                    .formatted(name, all.bad().get(0), bad == 1 ? "" : "; " + bad + " rows are no examples"));
        }
    }

    private void requireSome(Count all) {
        long training = all.parts()[RowEncoder.TRAINING];
        if (training == 0) {
            long validation = all.parts()[RowEncoder.VALIDATION];
            throw new DataException(name + " has no row to learn from: "
                    + (validation > 0
                            ? "'" + wanted.columns().validation() + "' (data.columns.validation) marks all "
                                    + validation + " of them for validation"
                            : all.parts()[RowEncoder.BAD] > 0
                                    ? "all " + all.parts()[RowEncoder.BAD] + " are bad, the first one: "
                                            + all.bad().get(0)
                                    : all.parts()[RowEncoder.TEST] > 0 ? "all are for the test" : "it is empty"));
        }
        if (target.kind() == Target.Kind.CLASS && all.least() == all.largest()) {
            throw new DataException(name + ": all " + training + " training rows have the same label ("
                    + wanted.columns().label().get(0) + "); expected at least two classes");
        }
    }

    /** What Spark says of a table that it cannot read, in one line. */
    static <T> T reading(String name, Supplier<T> work) {
        try {
            return work.get();
        } catch (LockstepException e) {
            throw e;
        } catch (Exception e) { // Scala throws what Java does not declare
            if (e instanceof IllegalStateException waiting && !(waiting.getCause() instanceof SparkException)) {
                throw waiting; // no word of the table's: Spark ended, or took too long
            }
            Throwable cause = e;
            // Who names a source that is not there hears of the source, not of a class.
            while (cause.getCause() != null
                    && cause.getCause() != cause
                    && !(cause.getCause() instanceof ClassNotFoundException)) {
                cause = cause.getCause();
            }
            throw new DataException(name + " cannot be read: " + Excerpt.line(cause), e);
        }
    }
}
