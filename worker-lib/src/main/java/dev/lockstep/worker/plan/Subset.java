package dev.lockstep.worker.plan;

import dev.lockstep.worker.seed.KeyedPermutation;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.seed.SeedLaw.Purpose;
import dev.lockstep.worker.seed.SplitMix64;
import java.io.Serializable;
import java.util.Arrays;

/**
 * Some examples of a split, numbered from 0.
 *
 * @param order the order they are taken from; null for the split's own
 * @param first the first one's place in that order
 * @param size how many there are
 * @param byLength the numbers in the order in which they are counted; null when each is itself
 * @param resample which of them are drawn in their place; null when each is itself
 */
public record Subset(KeyedPermutation order, long first, long size, ByLength byLength, Resample resample)
        implements Serializable {

    /** @param places of each number, where it is among them */
    private record ByLength(int[] numbers, int[] places) implements Serializable {
        static ByLength of(int[] numbers) {
            int[] places = new int[numbers.length];
            for (int i = 0; i < places.length; i++) {
                places[numbers[i]] = i;
            }
            return new ByLength(numbers.clone(), places);
        }
    }

    /**
     * As many draws with replacement (Efron 1979), each of them by the seed law.
     *
     * @param cumulative the sums of the weights up to each example, its own included; null when all weigh the same
     */
    private record Resample(SeedLaw seeds, double[] cumulative) implements Serializable {
        long at(long number, long size) {
            SplitMix64 random = new SplitMix64(seeds.seed(Purpose.BOOTSTRAP, 0, 0, number));
            if (cumulative == null) {
                return random.nextLong(size);
            }
            double drawn = random.nextDouble() * cumulative[cumulative.length - 1];
            int found = Arrays.binarySearch(cumulative, drawn);
            return found < 0 ? -found - 1 : upperEnd(found) + 1L;
        }

        /** The last of equal sums: what lies between them weighs nothing. */
        private int upperEnd(int found) {
            int end = found;
            while (cumulative[end + 1] == cumulative[found]) {
                end++;
            }
            return end;
        }
    }

    /** All of a split of this size. */
    public static Subset all(long size) {
        return new Subset(null, 0, size, null, null);
    }

    /** What is left for training when a share is held back for validation, drawn by the seed law. */
    public static Subset training(SeedLaw seeds, long size, double validationFraction) {
        if (validationFraction == 0) {
            return all(size);
        }
        return new Subset(order(seeds, size), 0, size - heldBack(size, validationFraction), null, null);
    }

    /** What is held back for validation. */
    public static Subset validation(SeedLaw seeds, long size, double validationFraction) {
        long heldBack = heldBack(size, validationFraction);
        return new Subset(order(seeds, size), size - heldBack, heldBack, null, null);
    }

    /**
     * As many examples of this set, drawn with replacement.
     *
     * @param weights how likely each is, from 0, in their order, {@code [size]}; null when all are equally likely
     */
    public Subset resampled(SeedLaw seeds, double[] weights) {
        double[] cumulative = weights == null ? null : weights.clone();
        for (int i = 1; i < size && cumulative != null; i++) {
            cumulative[i] += cumulative[i - 1];
        }
        return new Subset(order, first, size, byLength, new Resample(seeds, cumulative));
    }

    /**
     * The same examples, numbered in another order.
     *
     * @param numbers those that they have here, each once
     */
    public Subset inOrder(int[] numbers) {
        return new Subset(order, first, size, ByLength.of(numbers), resample);
    }

    private static KeyedPermutation order(SeedLaw seeds, long size) {
        return new KeyedPermutation(seeds.seed(Purpose.VALIDATION_SPLIT), size);
    }

    private static long heldBack(long size, double fraction) {
        return Math.round(size * fraction);
    }

    /** The index in the split of one of these examples. */
    public long index(long number) {
        long own = byLength == null ? number : byLength.numbers()[(int) number];
        long drawn = first + (resample == null ? own : resample.at(own, size));
        return order == null ? drawn : order.at(drawn);
    }

    /** Whether its examples are drawn with replacement, so that one may come several times. */
    boolean isDrawnAnew() {
        return resample != null;
    }

    /** The number among these examples of one of the split, of a set that is not drawn anew; -1 when it is none of them. */
    long number(long index) {
        if (order != null && index >= order.size()) {
            return Placement.NONE;
        }
        long number = (order == null ? index : order.positionOf(index)) - first;
        if (number < 0 || number >= size) {
            return Placement.NONE;
        }
        return byLength == null ? number : byLength.places()[(int) number];
    }
}
