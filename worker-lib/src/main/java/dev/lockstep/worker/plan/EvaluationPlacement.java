package dev.lockstep.worker.plan;

/**
 * Examples in their own order, in chunks of a fixed size, so that what is computed together does not depend on the
 * cluster.
 *
 * @param chunk examples a chunk, at least 1
 * @param tasks at least 1
 */
public record EvaluationPlacement(Subset subset, int chunk, int tasks) implements Placement {

    @Override
    public long from() {
        return 0;
    }

    @Override
    public long to() {
        return subset.size();
    }

    @Override
    public long from(int task) {
        return start(task);
    }

    @Override
    public long to(int task) {
        return start(task + 1);
    }

    @Override
    public long example(long place) {
        return subset.index(place);
    }

    @Override
    public int task(long place) {
        return (int) (place / chunk * tasks / chunks());
    }

    @Override
    public long placesFor(long examples) {
        return chunk * Math.max(1, (examples + chunk - 1) / chunk);
    }

    @Override
    public void forEach(long first, long end, Taker taker) {
        if (subset.isDrawnAnew()) {
            Placement.super.forEach(first, end, taker);
            return;
        }
        for (long example = first; example < end; example++) {
            long number = subset.number(example);
            if (number != NONE) {
                taker.takes(number, example);
            }
        }
    }

    /** The first place of a task; for task = tasks, one past the last place. */
    public long start(int task) {
        long firstChunk = (task * chunks() + tasks - 1) / tasks;
        return Math.min(subset.size(), firstChunk * chunk);
    }

    private long chunks() {
        return (subset.size() + chunk - 1) / chunk;
    }
}
