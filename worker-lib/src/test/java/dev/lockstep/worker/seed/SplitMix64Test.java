package dev.lockstep.worker.seed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SplitMix64Test {

    /** The published test vector of SplitMix64, seed 1234567 (Rosetta Code, and every other implementation). */
    @Test
    void givesThePublishedNumbers() {
        SplitMix64 random = new SplitMix64(1234567);
        long[] numbers = LongStream.generate(random::nextLong).limit(5).toArray();
        assertThat(numbers)
                .containsExactly(
                        Long.parseUnsignedLong("6457827717110365317"),
                        Long.parseUnsignedLong("3203168211198807973"),
                        Long.parseUnsignedLong("9817491932198370423"),
                        Long.parseUnsignedLong("4593380528125082431"),
                        Long.parseUnsignedLong("16408922859458223821"));
    }

    /** From an implementation of the same rule in Python's unbounded integers. */
    @Test
    void boundedNumbersArePinned() {
        SplitMix64 random = new SplitMix64(1234567);
        assertThat(LongStream.generate(() -> random.nextLong(60_000)).limit(6))
                .containsExactly(21004L, 10418L, 31932L, 14940L, 53371L, 25385L);
        SplitMix64 large = new SplitMix64(1234567);
        assertThat(LongStream.generate(() -> large.nextLong((1L << 62) + 1)).limit(6))
                .containsExactly(
                        1614456929277591329L,
                        800792052799701993L,
                        2454372983049592606L,
                        1148345132031270607L,
                        1951148732055966013L,
                        2723881409303762849L);
    }

    @Test
    void doublesArePinned() {
        SplitMix64 random = new SplitMix64(1234567);
        assertThat(random.nextDouble()).isEqualTo(0.3500795420214081);
        assertThat(random.nextDouble()).isEqualTo(0.17364409667091263);
        assertThat(random.nextDouble()).isEqualTo(0.5322073040624192);
    }

    /** Chi-square with bound - 1 degrees of freedom; 5 standard deviations above its mean is once in 10^6. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 10, 100, 1000})
    void boundedNumbersAreUniform(int bound) {
        int expected = 500;
        int[] counts = new int[bound];
        SplitMix64 random = new SplitMix64(bound);
        for (int i = 0; i < expected * bound; i++) {
            counts[(int) random.nextLong(bound)]++; // out of range fails here
        }
        double chiSquare = 0;
        for (int count : counts) {
            chiSquare += (double) (count - expected) * (count - expected) / expected;
        }
        assertThat(chiSquare).isLessThanOrEqualTo(bound - 1 + 5 * Math.sqrt(2.0 * (bound - 1)));
    }

    /** With a bound of 3/4 of 2^64 / 2, taking remainders would hit the lower half twice as often as the upper one. */
    @Test
    void largeBoundsHaveNoBias() {
        long bound = 3L << 61;
        SplitMix64 random = new SplitMix64(5);
        int lowerThird = 0;
        for (int i = 0; i < 30_000; i++) {
            long number = random.nextLong(bound);
            assertThat(number).isBetween(0L, bound - 1);
            lowerThird += number < bound / 3 ? 1 : 0;
        }
        assertThat(lowerThird).isCloseTo(10_000, within(400));
    }

    @Test
    void doublesAreUniformBelowOne() {
        SplitMix64 random = new SplitMix64(9);
        double sum = 0;
        for (int i = 0; i < 100_000; i++) {
            double number = random.nextDouble();
            assertThat(number >= 0 && number < 1).isTrue();
            sum += number;
        }
        assertThat(sum / 100_000).isCloseTo(0.5, within(0.005));
    }

    @Test
    void refusesABoundBelowOne() {
        assertThatThrownBy(() -> new SplitMix64(1).nextLong(0)).hasMessage("bound must be at least 1, found 0");
        assertThatThrownBy(() -> new SplitMix64(1).nextLong(-5)).hasMessage("bound must be at least 1, found -5");
    }
}
