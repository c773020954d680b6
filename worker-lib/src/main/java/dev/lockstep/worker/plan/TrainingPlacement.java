package dev.lockstep.worker.plan;

import dev.lockstep.worker.reduce.Span;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The steps {@code [fromStep, toStep)} of a run over a number of tasks. A place is step * batch size + position, so
 * sorting by place sorts by (step, shard, position).
 *
 * @param subset the training examples of the split
 * @param order of each part of the shards, in order, the task that takes it; as many as there are tasks, in [1, shards]
 */
public record TrainingPlacement(BatchPlan plan, Subset subset, long fromStep, long toStep, List<Integer> order)
        implements Placement {

    /** With task 0 for the first part, task 1 for the second and so on. */
    public TrainingPlacement(BatchPlan plan, Subset subset, long fromStep, long toStep, int tasks) {
        this(plan, subset, fromStep, toStep, IntStream.range(0, tasks).boxed().toList());
    }

    @Override
    public int tasks() {
        return order.size();
    }

    @Override
    public long from() {
        return fromStep * plan.batchSize();
    }

    @Override
    public long to() {
        return toStep * plan.batchSize();
    }

    @Override
    public long example(long place) {
        long step = place / plan.batchSize();
        int position = (int) (place % plan.batchSize());
        return position < plan.batchSize(step) ? subset.index(plan.example(step, position)) : NONE;
    }

    @Override
    public int task(long place) {
        int shard = plan.shardOf(plan.batchSize(place / plan.batchSize()), (int) (place % plan.batchSize()));
        return order.get((int) (((shard + 1L) * tasks() - 1) / plan.shards()));
    }

    @Override
    public long placesFor(long examples) {
        long batch = plan.batchSize();
        return batch * Math.max(1, (examples * tasks() + batch - 1) / batch);
    }

    @Override
    public void forEach(long first, long end, Taker taker) {
        if (subset.isDrawnAnew() || !plan.takesEachOnce()) {
            Placement.super.forEach(first, end, taker);
            return;
        }
        for (int epoch = plan.epoch(fromStep); epoch <= plan.epoch(toStep - 1); epoch++) {
            for (long example = first; example < end; example++) {
                long number = subset.number(example);
                if (number != NONE) {
                    long place = plan.place(epoch, number);
                    if (place >= from() && place < to()) {
                        taker.takes(place, example);
                    }
                }
            }
        }
    }

    /** The shards that a task computes. */
    public Span shards(int task) {
        return plan.shardsOfTask(order.indexOf(task), tasks());
    }

    /** The shards in as many parts as there are tasks. */
    public List<Span> parts() {
        return IntStream.range(0, tasks())
                .mapToObj(part -> plan.shardsOfTask(part, tasks()))
                .toList();
    }

    /**
     * The examples of one shard of one step.
     *
     * @throws IllegalStateException when the shuffle did not bring all of them
     */
    public List<byte[]> shard(PlacedExamples examples, long step, int shard) {
        long first = first(step, shard);
        long end = first(step, shard + 1);
        List<byte[]> found = examples.between(first, end);
        if (found.size() != end - first) {
            throw new IllegalStateException("step " + step + ", shard " + shard + " has " + found.size()
                    + " examples after the shuffle, expected " + (end - first));
        }
        return found;
    }

    /** The place where a shard of a step begins. */
    public long first(long step, int shard) {
        return step * plan.batchSize() + plan.shardStart(plan.batchSize(step), shard);
    }
}
