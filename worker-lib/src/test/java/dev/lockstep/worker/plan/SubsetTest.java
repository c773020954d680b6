package dev.lockstep.worker.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.worker.seed.SeedLaw;
import java.util.BitSet;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SubsetTest {

    /** From an implementation in Python: what is validated on must not move. */
    @Test
    void isPinned() {
        Subset training = Subset.training(new SeedLaw(42), 10, 0.3);
        Subset validation = Subset.validation(new SeedLaw(42), 10, 0.3);
        assertThat(indices(training)).containsExactly(6, 9, 1, 0, 3, 7, 4);
        assertThat(indices(validation)).containsExactly(8, 2, 5);
    }

    /** A pure function of the seed; a third or so of the examples is in no resample of them (1/e). */
    @Test
    void aResampleDrawsWithReplacement() {
        Subset training = Subset.training(new SeedLaw(3), 4000, 0.25);
        long[] drawn = indices(training.resampled(new SeedLaw(7), null));
        assertThat(drawn).isEqualTo(indices(training.resampled(new SeedLaw(7), null)));
        assertThat(drawn).isNotEqualTo(indices(training.resampled(new SeedLaw(8), null)));
        assertThat(drawn).hasSize(3000);
        BitSet inside = new BitSet();
        for (long index : indices(training)) {
            inside.set((int) index);
        }
        long different = LongStream.of(drawn)
                .peek(i -> assertThat(inside.get((int) i)).isTrue())
                .distinct()
                .count();
        assertThat(different / 3000.0).isBetween(0.60, 0.66);
    }

    @Test
    void aResampleFollowsTheWeights() {
        double[] weights = new double[4000];
        weights[0] = 1;
        weights[3] = 2;
        weights[3998] = 1;
        long[] drawn = indices(Subset.all(4000).resampled(new SeedLaw(7), weights));
        assertThat(LongStream.of(drawn).distinct().sorted()).containsExactly(0L, 3L, 3998L);
        assertThat(LongStream.of(drawn).filter(i -> i == 3).count() / 4000.0).isBetween(0.47, 0.53);
    }

    @Property(tries = 300)
    void trainingAndValidationShareNothingAndMissNothing(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 3000) int size,
            @ForAll @DoubleRange(min = 0, max = 1) double fraction) {
        Subset training = Subset.training(new SeedLaw(seed), size, fraction);
        Subset validation = Subset.validation(new SeedLaw(seed), size, fraction);
        assertThat(validation.size()).isEqualTo(Math.round(size * fraction));
        assertThat(training.size() + validation.size()).isEqualTo(size);
        BitSet seen = new BitSet();
        for (long index : indices(training)) {
            seen.set((int) index);
        }
        assertThat(seen.cardinality()).isEqualTo((int) training.size());
        for (long index : indices(validation)) {
            assertThat(seen.get((int) index)).isFalse();
            seen.set((int) index);
        }
        assertThat(seen.cardinality()).isEqualTo(size);
        assertThat(seen.length()).isEqualTo(size);
    }

    @Test
    void withoutValidationAllIsInItsOwnOrder() {
        assertThat(indices(Subset.training(new SeedLaw(1), 5, 0))).containsExactly(0, 1, 2, 3, 4);
        assertThat(indices(Subset.all(3))).containsExactly(0, 1, 2);
        assertThat(Subset.validation(new SeedLaw(1), 5, 0).size()).isZero();
    }

    @Test
    void anotherSeedHoldsBackOthers() {
        assertThat(indices(Subset.validation(new SeedLaw(1), 1000, 0.1)))
                .isNotEqualTo(indices(Subset.validation(new SeedLaw(2), 1000, 0.1)));
    }

    private static long[] indices(Subset subset) {
        return LongStream.range(0, subset.size()).map(subset::index).toArray();
    }
}
