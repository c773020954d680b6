package dev.lockstep.driver.source;

import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.failure.Excerpt;
import dev.lockstep.worker.table.Column;
import java.util.Arrays;
import java.util.List;

/** Which of an example's features are numbers that can be scaled: words, of which each is a number, and bytes are none. */
final class Scalable {
    private Scalable() {}

    /**
     * @param table as messages call it
     * @param size how many features there are
     * @return {@code [size]}
     * @throws DataException when there is none, or nobody can tell which they are
     */
    static boolean[] among(String table, List<Column> columns, int size) {
        boolean[] scalable = new boolean[size];
        Arrays.fill(scalable, true);
        int from = 0;
        int to = size;
        int first = 0;
        int last = columns.size() - 1;
        // What lies between columns that do not say how many numbers they hold could be anywhere.
        for (; first <= last && columns.get(first).width() > 0; first++) {
            int width = columns.get(first).width();
            Arrays.fill(scalable, from, from + width, isOfNumbers(columns.get(first)));
            from += width;
        }
        for (; last > first && columns.get(last).width() > 0; last--) {
            int width = columns.get(last).width();
            Arrays.fill(scalable, Math.max(from, to - width), to, isOfNumbers(columns.get(last)));
            to = Math.max(from, to - width);
        }
        for (Column column : columns.subList(first, last + 1)) {
            boolean scales = isOfNumbers(column);
            if (!scales && last > first) {
                throw new DataException(table + ": data.scaling cannot tell which features are those of column '"
                        + Excerpt.of(column.name()) + "'; name it first or last in data.columns.features");
            }
            Arrays.fill(scalable, from, to, scales);
        }
        for (boolean scales : scalable) {
            if (scales) {
                return scalable;
            }
        }
        throw new DataException(table + " has no features that data.scaling could scale: these are "
                + (columns.stream().anyMatch(Column::isOfBytes)
                        ? "bytes, of which a network is given a 255th"
                        : "words"));
    }

    private static boolean isOfNumbers(Column column) {
        return switch (column.kind()) {
            case NUMBER, ARRAY, VECTOR -> true;
            case BYTES, PICTURE, IMAGE, INDEX, ONE_HOT -> false;
        };
    }
}
