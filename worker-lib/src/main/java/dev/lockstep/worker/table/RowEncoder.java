package dev.lockstep.worker.table;

import dev.lockstep.worker.failure.Excerpt;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.ExampleFormat.Element;
import dev.lockstep.worker.model.ExampleFormat.Target;
import dev.lockstep.worker.seed.SplitMix64;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Row;

/**
 * Makes examples of rows: of each a key that it is sorted by, and the example, packed. A row that is no example has a key
 * that begins with {@link #BAD}, and a message in its place.
 *
 * @param features what an example is made of, one after the other
 * @param label what is to be told of it; empty where nobody asks
 * @param marks other columns that mean something
 * @param testFraction the share of rows that is drawn for the test, each by its id, else by its digest; 0 for none
 * @param format what the examples are
 */
public record RowEncoder(
        List<Column> features, List<Column> label, Marks marks, double testFraction, ExampleFormat format)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    /** The first byte of a key. */
    public static final int BAD = 0;

    public static final int TRAINING = 1;
    public static final int VALIDATION = 2;
    public static final int TEST = 3;

    /**
     * An example and what it is sorted by; of a row that is none, the message.
     *
     * @param key begins with what the row is for
     */
    record Keyed(byte[] key, byte[] example) {}

    /**
     * Another column of a row.
     *
     * @param name as the table has it
     * @param at where it is, from 0
     */
    public record Mark(String name, int at) implements Serializable {}

    /**
     * Columns that are neither features nor labels; null for one that there is not.
     *
     * @param id what rows are ordered by
     * @param weight how much a row counts while a network learns
     * @param validation whether a row is for validation
     * @param test whether a row is for the test
     * @param file the name of the file that a row comes from; empty of one from none
     * @param part what every row is for that no column or draw says it of
     */
    public record Marks(Mark id, Mark weight, Mark validation, Mark test, Mark file, int part) implements Serializable {

        /** Of rows that are all for the same, and of which nothing more is known. */
        public static Marks none(int part) {
            return new Marks(null, null, null, null, null, part);
        }
    }

    /** A row, packed. */
    Keyed encoded(Row row) {
        try {
            byte[] example = pack(row);
            Object id = id(row);
            byte[] digest = RowKey.digest(example);
            return new Keyed(RowKey.of(part(row, id, example), id, digest), example);
        } catch (BadRow e) {
            byte[] message = message(row, e).getBytes(StandardCharsets.UTF_8);
            return new Keyed(RowKey.of(BAD, null, message), message);
        }
    }

    /** Which row it is, and why it is no example. */
    String message(Row row, BadRow why) {
        return where(row) + why.getMessage();
    }

    /**
     * What a row is for.
     *
     * @param example that was made of it
     */
    int part(Row row, byte[] example) throws BadRow {
        return part(row, id(row), example);
    }

    private Object id(Row row) throws BadRow {
        Object id = value(marks.id, row);
        if (marks.id != null && id == null) {
            throw new BadRow(marks.id.name(), "a value", "null");
        }
        return id;
    }

    /** The example of a row, packed. */
    byte[] pack(Row row) throws BadRow {
        float[] target = target(row);
        if (format.element() == Element.BYTE) {
            Column column = features.get(0);
            byte[] values = column.bytes(row);
            requireSize(values.length);
            return format.pack((int) target[0], values, 0, weight(row));
        }
        float[] values = features.size() == 1 ? features.get(0).read(row) : joined(row);
        requireSize(values.length);
        return format.pack(values, target, weight(row));
    }

    private float weight(Row row) throws BadRow {
        if (marks.weight == null) {
            return 1;
        }
        Object found = value(marks.weight, row);
        float weight = found instanceof Number number ? number.floatValue() : Float.NaN;
        if (!ExampleFormat.isWeight(weight)) {
            throw new BadRow(marks.weight.name(), "a finite number above 0", found);
        }
        return weight;
    }

    private float[] joined(Row row) throws BadRow {
        float[] values = new float[format.features().size()];
        int end = 0;
        for (Column column : features) {
            float[] read = column.read(row);
            if (end + read.length > values.length) {
                throw new BadRow(column.name(), "no more than " + values.length + " values in all", "more");
            }
            System.arraycopy(read, 0, values, end, read.length);
            end += read.length;
        }
        requireSize(end);
        return values;
    }

    private void requireSize(int found) throws BadRow {
        int expected = format.features().size();
        boolean fits = format.features().hasTime() ? found > 0 && found % expected == 0 : found == expected;
        if (!fits) {
            throw new BadRow(
                    features.get(0).name(),
                    format.features().hasTime() ? "a multiple of " + expected + " values" : expected + " values",
                    found);
        }
    }

    private float[] target(Row row) throws BadRow {
        Target target = format.target();
        if (label.isEmpty()) {
            return new float[target.kind() == Target.Kind.CLASS ? 1 : target.values()];
        }
        if (target.kind() == Target.Kind.CLASS) {
            Column column = label.get(0);
            return new float[] {column.kind() == Column.Kind.INDEX ? column.index(row) : classOf(column, row)};
        }
        float[] values = new float[target.values()];
        int end = 0;
        for (Column column : label) {
            float[] read = column.read(row);
            if (read.length > values.length - end || label.size() == 1 && read.length != values.length) {
                throw new BadRow(column.name(), values.length + " values", read.length);
            }
            System.arraycopy(read, 0, values, end, read.length);
            end += read.length;
        }
        return values;
    }

    private int classOf(Column column, Row row) throws BadRow {
        float read = column.read(row)[0];
        int classes = format.target().values();
        if (!(read >= 0 && read < classes) || read != (int) read) {
            throw new BadRow(column.name(), "a class from 0 to " + (classes - 1), row.get(column.at()));
        }
        return (int) read;
    }

    private int part(Row row, Object id, byte[] example) throws BadRow {
        if (flag(marks.test, row)) {
            return TEST;
        }
        if (testFraction > 0) {
            byte[] drawn = RowKey.digest(id == null ? example : RowKey.bytes(id));
            if (new SplitMix64(ByteBuffer.wrap(drawn).getLong()).nextDouble() < testFraction) {
                return TEST;
            }
        }
        return flag(marks.validation, row) ? VALIDATION : marks.part;
    }

    private static boolean flag(Mark mark, Row row) throws BadRow {
        if (mark == null) {
            return false;
        }
        if (value(mark, row) instanceof Boolean flag) {
            return flag;
        }
        throw new BadRow(mark.name(), "true or false", "null");
    }

    private static Object value(Mark mark, Row row) {
        return mark == null ? null : row.get(mark.at());
    }

    /** Which row it is, as far as anybody can tell. */
    private String where(Row row) {
        Object id = value(marks.id, row);
        Object file = value(marks.file, row);
        boolean isFile = features.get(0).kind() == Column.Kind.PICTURE && file != null;
        if (!isFile && id != null) {
            return "row with id " + Excerpt.of(id instanceof byte[] bytes ? Arrays.toString(bytes) : id) + ", ";
        }
        return file == null || file.equals("") ? "" : "a row of " + file + ", ";
    }
}
