package dev.lockstep.worker.source;

import com.univocity.parsers.csv.CsvParser;
import com.univocity.parsers.csv.CsvParserSettings;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.failure.Excerpt;
import dev.lockstep.worker.model.ExampleFormat.Target;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Reads a table row by row; a row is a line. */
public final class CsvReader implements AutoCloseable {
    /** A line beyond it is no table's. */
    private static final int LONGEST = 1 << 24;

    private final CsvTable table;
    private final InputStream in;
    private final CsvParser parser = parser();
    private final float[] features;
    private final float[] target;
    private long offset;
    private long row;
    private boolean ended;

    /**
     * @param offset where a row begins, in bytes of the decompressed file; 0 for the header
     * @param row the number of that row, from 0; that of the first row for the header
     */
    public CsvReader(CsvTable table, long offset, long row) throws IOException {
        this.table = table;
        this.features = new float[table.features().length];
        this.target = new float[Math.max(1, table.label().length)];
        this.in = new BufferedInputStream(table.location().open(table.file()), 1 << 16);
        try {
            in.skipNBytes(offset);
            this.offset = offset;
            this.row = row;
            if (offset == 0) {
                line();
            }
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }

    /** The names of the columns. */
    public static String[] header(DataLocation location, String file) {
        CsvTable none = new CsvTable(location, file, new int[0], new int[0], 0, null);
        try (InputStream in = new BufferedInputStream(location.open(file))) {
            String line = line(none, in, new long[1]);
            if (line == null || line.isBlank()) {
                throw new DataException(none.name() + " is empty: expected a line that names the columns, then a row of"
                        + " numbers a line");
            }
            return parser().parseLine(line.startsWith("\ufeff") ? line.substring(1) : line);
        } catch (IOException e) {
            throw DataLocation.unreadable(none.name(), e);
        }
    }

    /** The number of the next row, from 0. */
    public long row() {
        return row;
    }

    /** Where it begins. */
    public long offset() {
        return offset;
    }

    /** Whether there was no row left for the last {@link #next}. */
    public boolean ended() {
        return ended;
    }

    DataException changed() {
        return new DataException(
                table.name() + " changed while in use: expected more than " + row + " rows; start again");
    }

    /**
     * Goes on by a row.
     *
     * @param wanted whether its values are
     * @return the example, packed; null when it is not wanted, or there is none
     */
    public byte[] next(boolean wanted) throws IOException {
        String line = line();
        if (line == null) {
            ended = true;
            return null;
        }
        row++;
        if (!wanted) {
            return null;
        }
        String[] cells = parser.parseLine(line);
        if (cells == null || cells.length != table.columns()) {
            throw new DataException("%s, row %d: expected %d values as there are columns, found %d"
                    .formatted(table.name(), row, table.columns(), cells == null ? 0 : cells.length));
        }
        for (int i = 0; i < features.length; i++) {
            features[i] = number(cells, table.features()[i]);
        }
        for (int i = 0; i < table.label().length; i++) {
            target[i] = number(cells, table.label()[i]);
        }
        Target kind = table.format().target();
        if (kind.kind() == Target.Kind.CLASS && !(target[0] >= 0 && target[0] < kind.values() && target[0] % 1 == 0)) {
            throw new DataException("%s, row %d: expected a class from 0 to %d, found %s; change network.classes"
                    .formatted(table.name(), row, kind.values() - 1, cells[table.label()[0]]));
        }
        return table.format()
                .pack(
                        features,
                        kind.kind() == Target.Kind.CLASS || table.label().length > 0
                                ? target
                                : new float[kind.values()]);
    }

    private float number(String[] cells, int column) {
        String cell = cells[column];
        try {
            float value = Float.parseFloat(cell.trim());
            if (Float.isFinite(value)) {
                return value;
            }
        } catch (NumberFormatException | NullPointerException e) {
            // said below
        }
        throw new DataException("%s, row %d, column %d: expected a finite number, found %s"
                .formatted(table.name(), row, column + 1, cell == null ? "nothing" : "'" + Excerpt.of(cell) + "'"));
    }

    private String line() throws IOException {
        long[] read = new long[1];
        String line;
        do {
            line = line(table, in, read);
        } while (line != null && line.isBlank());
        offset += read[0];
        return line;
    }

    /** @param read what the line takes is added to it */
    private static String line(CsvTable table, InputStream in, long[] read) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(256);
        int next;
        while ((next = in.read()) >= 0 && next != '\n') {
            line.write(next);
            if (line.size() > LONGEST) {
                throw new DataException(table.name() + " has a line of more than " + LONGEST
                        + " bytes: expected a table in text, a row a line");
            }
        }
        read[0] += line.size() + (next < 0 ? 0 : 1);
        if (next < 0 && line.size() == 0) {
            return null;
        }
        String text = line.toString(StandardCharsets.UTF_8);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }

    private static CsvParser parser() {
        CsvParserSettings settings = new CsvParserSettings();
        settings.setMaxCharsPerColumn(-1);
        settings.setMaxColumns(100_000);
        return new CsvParser(settings);
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
