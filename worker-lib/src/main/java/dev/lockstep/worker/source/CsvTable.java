package dev.lockstep.worker.source;

import dev.lockstep.worker.model.ExampleFormat;
import java.io.Serializable;

/**
 * A table in a file, and what of it is read.
 *
 * @param features the numbers of the columns that are features, in order, from 0
 * @param label the numbers of the columns that are to be told; empty when nobody asks for them
 * @param columns how many a row has
 */
public record CsvTable(
        DataLocation location, String file, int[] features, int[] label, int columns, ExampleFormat format)
        implements Serializable {

    /** As messages call it. */
    public String name() {
        return location.nameOf(file);
    }
}
