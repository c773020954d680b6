package dev.lockstep.driver.feed;

import dev.lockstep.worker.seed.KeyedPermutation;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.seed.SeedLaw.Purpose;
import java.io.Serializable;

/**
 * Some examples of a split, numbered from 0.
 *
 * @param order the order they are taken from; null for the split's own
 * @param first the first one's place in that order
 * @param size how many there are
 */
public record Subset(KeyedPermutation order, long first, long size) implements Serializable {

    /** All of a split of this size. */
    public static Subset all(long size) {
        return new Subset(null, 0, size);
    }

    /** What is left for training when a share is held back for validation, drawn by the seed law. */
    public static Subset training(SeedLaw seeds, long size, double validationFraction) {
        if (validationFraction == 0) {
            return all(size);
        }
        return new Subset(order(seeds, size), 0, size - heldBack(size, validationFraction));
    }

    /** What is held back for validation. */
    public static Subset validation(SeedLaw seeds, long size, double validationFraction) {
        long heldBack = heldBack(size, validationFraction);
        return new Subset(order(seeds, size), size - heldBack, heldBack);
    }

    private static KeyedPermutation order(SeedLaw seeds, long size) {
        return new KeyedPermutation(seeds.seed(Purpose.VALIDATION_SPLIT), size);
    }

    private static long heldBack(long size, double fraction) {
        return Math.round(size * fraction);
    }

    /** The index in the split of one of these examples. */
    public long index(long number) {
        return order == null ? first + number : order.at(first + number);
    }
}
