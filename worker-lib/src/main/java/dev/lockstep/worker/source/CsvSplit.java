package dev.lockstep.worker.source;

import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.model.ExampleFormat;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Some rows of a table. The file's bytes stay where they are: a range of examples is read from the last mark before it.
 *
 * @param rows which rows of the file are examples
 * @param size the number of examples used
 * @param marks every so many rows of the file, where the next row begins and how many examples lie before it
 */
public record CsvSplit(CsvTable table, CsvRows rows, long size, Marks marks) implements Split {

    /**
     * @param offsets bytes of the decompressed file, {@code [marks]}
     * @param fileRows rows of the file before each
     * @param examples examples before each
     */
    public record Marks(long[] offsets, long[] fileRows, long[] examples) implements Serializable {}

    @Override
    public ExampleFormat format() {
        return table.format();
    }

    @Override
    public Block read(long from, long to) {
        Objects.checkFromToIndex(from, to, size);
        int found = Arrays.binarySearch(marks.examples(), from);
        int mark = found >= 0 ? found : -found - 2;
        while (mark > 0 && marks.examples()[mark - 1] == from) {
            mark--; // marks with no example between them
        }
        List<byte[]> examples = new ArrayList<>();
        try (CsvReader reader = new CsvReader(table, marks.offsets()[mark], marks.fileRows()[mark])) {
            long example = marks.examples()[mark];
            while (example < to) {
                boolean taken = rows.take(reader.row());
                byte[] packed = reader.next(taken && example >= from);
                if (packed == null && reader.ended()) {
                    throw reader.changed();
                }
                if (taken) {
                    if (example >= from) {
                        examples.add(packed);
                    }
                    example++;
                }
            }
        } catch (IOException e) {
            throw DataLocation.unreadable(table.name(), e);
        }
        return Block.of(from, examples);
    }
}
