package dev.lockstep.worker.feed;

import dev.lockstep.worker.plan.Placement;
import java.io.Serializable;

/**
 * A placement cut into chunks of consecutive places, so that a task holds a chunk of its examples at a time, however many
 * there are. A task's share of a chunk is one partition of the shuffle; where the placement knows in which chunks a task has
 * no places there is none.
 *
 * @param places of a chunk
 * @param firsts the partition of each task's first chunk, and behind the last one how many there are, {@code [tasks + 1]}
 */
record Chunks(Placement placement, long places, int[] firsts) implements Serializable {
    private static final long BYTES = 16 << 20;
    private static final long MOST_PARTITIONS = 2000;

    /** Of about 16 MiB a task; of more where there would be too many of them for Spark to count. */
    static Chunks of(Placement placement, int bytesAnExample) {
        long fewest = (placement.to() - placement.from()) / MOST_PARTITIONS;
        long places = placement.placesFor(Math.max(BYTES / bytesAnExample, fewest));
        Chunks chunks = new Chunks(placement, places, new int[placement.tasks() + 1]);
        for (int task = 0; task < placement.tasks(); task++) {
            chunks.firsts[task + 1] = chunks.firsts[task] + chunks.end(task) - chunks.first(task);
        }
        return chunks;
    }

    /** The chunk, from 0, of a place. */
    int of(long place) {
        return (int) ((place - placement.from()) / places);
    }

    /** The first chunk that a task may have places in. */
    int first(int task) {
        return of(placement.from(task));
    }

    /** One past the last one. */
    int end(int task) {
        long end = placement.to(task);
        return end > placement.from(task) ? of(end - 1) + 1 : first(task);
    }

    /** The partition of the shuffle that holds a task's share of a chunk. */
    int partition(int task, int chunk) {
        return firsts[task] + chunk - first(task);
    }

    /** The partition that holds a place. */
    int partition(long place) {
        return partition(placement.task(place), of(place));
    }

    int partitions() {
        return Math.max(1, firsts[firsts.length - 1]);
    }
}
