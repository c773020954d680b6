package dev.lockstep.worker.plan;

import dev.lockstep.worker.seed.KeyedPermutation;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.seed.SeedLaw.Purpose;
import java.io.Serializable;
import java.util.Collections;
import java.util.List;

/**
 * An epoch's order by length: examples are numbered from the shortest to the longest, every epoch shuffles those of one length among
 * each other, cuts what results into batches, and takes these in an order of its own; a short one comes last. So a batch is of one
 * length, or of two that follow each other, and little is padded. Each example comes once an epoch.
 *
 * @param begins the number of the first example of each length, ascending from 0
 */
public record Buckets(List<Long> begins) implements Serializable {

    /** Where all are as long as each other. */
    public static final Buckets ONE = new Buckets(List.of(0L));

    public Buckets {
        begins = List.copyOf(begins);
    }

    /** @param place step within the epoch * batch size + position */
    long number(SeedLaw seeds, int epoch, BatchPlan plan, long place) {
        long full = plan.examples() / plan.batchSize();
        long step = place / plan.batchSize();
        long batch = step < full ? batches(seeds, epoch, full).at(step) : step;
        long slot = batch * plan.batchSize() + place % plan.batchSize();
        int group = group(slot);
        return begins.get(group) + within(seeds, epoch, group, plan).at(slot - begins.get(group));
    }

    /** The inverse of {@link #number}. */
    long place(SeedLaw seeds, int epoch, BatchPlan plan, long number) {
        int group = group(number);
        long slot = begins.get(group) + within(seeds, epoch, group, plan).positionOf(number - begins.get(group));
        long full = plan.examples() / plan.batchSize();
        long batch = slot / plan.batchSize();
        long step = batch < full ? batches(seeds, epoch, full).positionOf(batch) : batch;
        return step * plan.batchSize() + slot % plan.batchSize();
    }

    private int group(long number) {
        int found = Collections.binarySearch(begins, number);
        return found < 0 ? -found - 2 : found;
    }

    private static KeyedPermutation batches(SeedLaw seeds, int epoch, long full) {
        return new KeyedPermutation(seeds.seed(Purpose.BUCKETS, epoch, 0, 0), full);
    }

    private KeyedPermutation within(SeedLaw seeds, int epoch, int group, BatchPlan plan) {
        long end = group + 1 < begins.size() ? begins.get(group + 1) : plan.examples();
        return new KeyedPermutation(seeds.seed(Purpose.BUCKETS, epoch, 0, group + 1L), end - begins.get(group));
    }
}
