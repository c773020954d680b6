package dev.lockstep.worker.data;

import java.io.Serializable;

/** A run of consecutive examples of a data set, packed: what is cached in memory and shuffled. */
public interface Block extends Serializable {

    /** Whether the example with this index in the data set is in the block. */
    boolean contains(long index);

    /** One example on its own, in the data set's {@link dev.lockstep.worker.model.Encoding encoding}. */
    byte[] packed(long index);
}
