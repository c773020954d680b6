package dev.lockstep.worker.seed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.worker.seed.SeedLaw.Purpose;
import java.util.HashSet;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SeedLawTest {

    /**
     * From an implementation of the law in Python. If this fails the law has moved: every trained model, every resumed
     * run and every fingerprint would be another. Put the law back.
     */
    @ParameterizedTest
    @CsvSource({
        "42, INITIAL_WEIGHTS, 0, 0, 0, 797e279fb8afeba3",
        "42, EPOCH_ORDER, 3, 0, 0, 688179c7613ac774",
        "42, SAMPLING, 1, 17, 5, 7f565fd5f164833e",
        "42, VALIDATION_SPLIT, 0, 0, 0, 8fe7582cfc08a6c3",
        "42, DROPOUT, 2, 1000, 7, 87fb57343dc962ce",
        "-1, DROPOUT, 0, 0, 0, 320b0ba704323550",
        "0, DROPOUT, 0, 0, 0, 3d2c1345371ee880"
    })
    void isPinned(long runSeed, Purpose purpose, long epoch, long step, long unit, String expected) {
        long seed = new SeedLaw(runSeed).seed(purpose, epoch, step, unit);
        assertThat(Long.toHexString(seed)).isEqualTo(expected);
    }

    @Test
    void onceARunIsAllZeros() {
        SeedLaw law = new SeedLaw(42);
        assertThat(law.seed(Purpose.VALIDATION_SPLIT)).isEqualTo(law.seed(Purpose.VALIDATION_SPLIT, 0, 0, 0));
    }

    @Test
    void purposesNeverShareASeed() {
        Set<Long> seeds = new HashSet<>();
        for (Purpose purpose : Purpose.values()) {
            seeds.add(new SeedLaw(42).seed(purpose, 1, 2, 3));
        }
        assertThat(seeds).hasSameSizeAs(Purpose.values());
    }

    /** A law that only added its arguments up, or lost one, would fail here. */
    @Property(tries = 300)
    void everyArgumentCounts(
            @ForAll long runSeed,
            @ForAll Purpose purpose,
            @ForAll @IntRange(max = 1000) int epoch,
            @ForAll @LongRange(min = 0, max = 1_000_000) long step,
            @ForAll @IntRange(max = 4096) int unit,
            @ForAll @LongRange(min = 1, max = 1000) long change) {
        SeedLaw law = new SeedLaw(runSeed);
        long seed = law.seed(purpose, epoch, step, unit);
        assertThat(new SeedLaw(runSeed + change).seed(purpose, epoch, step, unit))
                .isNotEqualTo(seed);
        assertThat(law.seed(purpose, epoch + change, step, unit)).isNotEqualTo(seed);
        assertThat(law.seed(purpose, epoch, step + change, unit)).isNotEqualTo(seed);
        assertThat(law.seed(purpose, epoch, step, unit + change)).isNotEqualTo(seed);
        assertThat(law.seed(purpose, epoch + change, step + change, unit)).isNotEqualTo(seed);
        assertThat(law.seed(purpose, epoch, step + change, unit + change)).isNotEqualTo(seed);
        assertThat(new SeedLaw(runSeed).seed(purpose, epoch, step, unit)).isEqualTo(seed);
    }

    /** The shards of the steps of the epochs of a run: as many seeds as uses. */
    @Test
    void nearbyUsesDoNotCollide() {
        SeedLaw law = new SeedLaw(0);
        Set<Long> seeds = new HashSet<>();
        for (Purpose purpose : Purpose.values()) {
            for (int epoch = 0; epoch < 10; epoch++) {
                for (int step = 0; step < 100; step++) {
                    for (int unit = 0; unit < 16; unit++) {
                        seeds.add(law.seed(purpose, epoch, step, unit));
                    }
                }
            }
        }
        assertThat(seeds).hasSize(Purpose.values().length * 10 * 100 * 16);
    }

    @Test
    void changingOneBitChangesAboutHalfTheBits() {
        long changed = 0;
        for (int bit = 0; bit < 64; bit++) {
            long seed = new SeedLaw(42).seed(Purpose.DROPOUT, 1, 1, 0);
            changed += Long.bitCount(seed ^ new SeedLaw(42 ^ (1L << bit)).seed(Purpose.DROPOUT, 1, 1, 0));
            changed += Long.bitCount(seed ^ new SeedLaw(42).seed(Purpose.DROPOUT, 1, 1, 1L << bit));
        }
        assertThat(changed / 128.0).isBetween(30.0, 34.0);
    }
}
