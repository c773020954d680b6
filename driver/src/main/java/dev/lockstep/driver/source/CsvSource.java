package dev.lockstep.driver.source;

import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.config.RunConfig.Table;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.failure.Excerpt;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.ExampleFormat.Element;
import dev.lockstep.worker.model.ExampleFormat.Target;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.source.CsvReader;
import dev.lockstep.worker.source.CsvRows;
import dev.lockstep.worker.source.CsvSplit;
import dev.lockstep.worker.source.CsvSplit.Marks;
import dev.lockstep.worker.source.CsvTable;
import dev.lockstep.worker.source.DataLocation;
import dev.lockstep.worker.source.Split;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.hadoop.conf.Configuration;

/**
 * Tables of numbers in text: a line that names the columns, then a row a line, values apart by commas. The order of the rows is
 * the order of the examples.
 */
final class CsvSource {
    /** So many rows of the file from mark to mark. */
    private static final int ROWS = 1024;

    private CsvSource() {}

    /** Opens training and test rows, reading all of them once, so that a bad row is told before training starts. */
    static Dataset open(RunConfig.Data data, Shape input, Target target, Configuration hadoop) {
        Table wanted = data.table();
        CsvTable train = table(data.path(), Use.TRAINING, wanted, input, target, true, hadoop);
        CsvTable test = wanted.testPath() == null
                ? train
                : table(wanted.testPath(), Use.TRAINING, wanted, input, target, true, hadoop);
        MessageDigest sha = IdxSource.sha256();
        CsvSplit ofTrain = split(train, new CsvRows(wanted.testFraction(), false), data.trainLimit(), sha);
        CsvSplit ofTest =
                split(test, new CsvRows(wanted.testFraction(), wanted.testPath() == null), data.testLimit(), sha);
        if (ofTrain.size() == 0) {
            throw new DataException(train.name() + " has no row to learn from");
        }
        return new Dataset(train.format(), ofTrain, ofTest, HexFormat.of().formatHex(sha.digest()));
    }

    /** Opens test rows alone: those of a path of their own, else those that are drawn. */
    static Split openTest(RunConfig.Data data, Shape input, Target target, boolean labelled, Configuration hadoop) {
        Table wanted = data.table();
        String path = wanted.testPath() == null ? data.path() : wanted.testPath();
        CsvTable table = table(path, Use.EVALUATION, wanted, input, target, labelled, hadoop);
        CsvRows rows = new CsvRows(wanted.testFraction(), wanted.testPath() == null && wanted.testFraction() > 0);
        return split(table, rows, data.testLimit(), IdxSource.sha256());
    }

    private static CsvTable table(
            String path, Use use, Table wanted, Shape input, Target target, boolean labelled, Configuration hadoop) {
        int slash = path.lastIndexOf('/');
        DataLocation location = use.locate(slash < 0 ? "." : path.substring(0, Math.max(1, slash)), hadoop);
        String file = path.substring(slash + 1);
        if (file.isEmpty() || !location.exists(file)) {
            throw new DataException(Excerpt.of(path) + ": there is no such file; " + use.folder + " a table");
        }
        String[] header = CsvReader.header(location, file);
        String name = location.nameOf(file);
        int[] label = labelled
                ? wanted.label().stream()
                        .mapToInt(column -> column(name, header, column, "data.columns.label"))
                        .toArray()
                : new int[0];
        int[] features = wanted.features().isEmpty()
                ? IntStream.range(0, header.length)
                        .filter(i -> !wanted.label().contains(header[i]))
                        .toArray()
                : wanted.features().stream()
                        .mapToInt(column -> column(name, header, column, "data.columns.features"))
                        .toArray();
        if (input.isImage() || input.hasTime() || features.length != input.size()) {
            throw new DataException(
                    "%s has %d columns of features but the network expects %s; set network.input to [%d]"
                            .formatted(name, features.length, input, features.length));
        }
        int labels = target.kind() == Target.Kind.CLASS ? 1 : target.values();
        if (wanted.label().size() != labels) {
            throw new DataException("data.columns.label names %d columns but the network tells %d; expected as many"
                    .formatted(wanted.label().size(), labels));
        }
        return new CsvTable(
                location, file, features, label, header.length, new ExampleFormat(Element.FLOAT, input, target));
    }

    private static int column(String name, String[] header, String column, String key) {
        int at = Arrays.asList(header).indexOf(column);
        if (at < 0) {
            throw new DataException("%s has no column '%s' (%s); it has %s"
                    .formatted(name, Excerpt.of(column), key, Excerpt.of(String.join(", ", header))));
        }
        return at;
    }

    private static CsvSplit split(CsvTable table, CsvRows rows, long limit, MessageDigest sha) {
        LongStream.Builder offsets = LongStream.builder();
        LongStream.Builder fileRows = LongStream.builder();
        LongStream.Builder before = LongStream.builder();
        long size = 0;
        try (CsvReader reader = new CsvReader(table, 0, 0)) {
            while (!reader.ended()) {
                if (reader.row() % ROWS == 0) {
                    offsets.add(reader.offset());
                    fileRows.add(reader.row());
                    before.add(size);
                }
                boolean taken = rows.take(reader.row());
                byte[] packed = reader.next(taken);
                if (packed != null) {
                    size++;
                    if (limit == 0 || size <= limit) {
                        sha.update(packed);
                    }
                }
            }
        } catch (IOException e) {
            throw DataLocation.unreadable(table.name(), e);
        }
        long used = limit == 0 ? size : Math.min(limit, size);
        Marks marks = new Marks(
                offsets.build().toArray(),
                fileRows.build().toArray(),
                before.build().toArray());
        return new CsvSplit(table, rows, used, marks);
    }
}
