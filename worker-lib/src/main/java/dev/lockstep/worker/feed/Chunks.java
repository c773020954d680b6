package dev.lockstep.worker.feed;

import dev.lockstep.worker.plan.Placement;
import java.io.Serializable;

/**
 * A placement cut into chunks of consecutive places, so that a task holds a chunk of its examples at a time, however many
 * there are. A task's share of a chunk is one partition of the shuffle.
 *
 * @param places of a chunk
 */
record Chunks(Placement placement, long places) implements Serializable {
    private static final long BYTES = 16 << 20;
    private static final long MOST_PARTITIONS = 2000;

    /** Of about 16 MiB a task; of more where there would be too many of them for Spark to count. */
    static Chunks of(Placement placement, int bytesAnExample) {
        long fewest = (placement.to() - placement.from()) / MOST_PARTITIONS;
        return new Chunks(placement, placement.placesFor(Math.max(BYTES / bytesAnExample, fewest)));
    }

    /** How many there are, at least 1. */
    int count() {
        return (int) Math.max(1, (placement.to() - placement.from() + places - 1) / places);
    }

    /** The chunk, from 0, of a place. */
    int of(long place) {
        return (int) ((place - placement.from()) / places);
    }

    /** The partition of the shuffle that holds a task's share of a chunk. */
    int partition(int task, int chunk) {
        return task * count() + chunk;
    }

    /** The partition that holds a place. */
    int partition(long place) {
        return partition(placement.task(place), of(place));
    }

    int partitions() {
        return placement.tasks() * count();
    }
}
