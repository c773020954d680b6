package dev.lockstep.worker.source;

import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.model.ExampleFormat;
import java.io.Serializable;

/** One split (training or test) of a data set. Any task on any machine can read any range of it. */
public interface Split extends Serializable {

    /** The number of examples. */
    long size();

    /** What its examples are. */
    ExampleFormat format();

    /** About how many bytes the longest of its examples takes, packed. */
    default int bytesAnExample() {
        return format().size();
    }

    /**
     * The examples {@code [from, to)}, whose values together are at most 2 GiB: as many as go into one array.
     *
     * @param from the index of the first example, from 0
     * @param to the index after the last one, at most {@link #size()}
     * @return a block of {@code to - from} examples whose {@code first} is {@code from}
     * @throws DataException when the files cannot be read, or are no longer what they were when the data set was opened
     * @throws IndexOutOfBoundsException when the range is not inside the split
     */
    Block read(long from, long to);
}
