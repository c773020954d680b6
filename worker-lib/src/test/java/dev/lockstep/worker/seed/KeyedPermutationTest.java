package dev.lockstep.worker.seed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyedPermutationTest {

    @Property(tries = 400)
    void everyElementComesOnce(@ForAll long key, @ForAll @IntRange(min = 1, max = 5000) int size) {
        KeyedPermutation order = new KeyedPermutation(key, size);
        BitSet seen = new BitSet(size);
        for (int position = 0; position < size; position++) {
            long element = order.at(position);
            assertThat(element >= 0 && element < size).isTrue();
            seen.set((int) element);
            assertThat(order.positionOf(element)).isEqualTo(position);
        }
        assertThat(seen.cardinality()).isEqualTo(size);
    }

    /** From an implementation in Python: an epoch's order is part of the trained model. */
    @Test
    void isPinned() {
        assertThat(all(1, 10)).containsExactly(4, 2, 5, 9, 7, 1, 6, 8, 3, 0);
        assertThat(all(42, 10)).containsExactly(1, 6, 2, 3, 8, 0, 7, 9, 5, 4);
        assertThat(all(7, 17)).containsExactly(2, 11, 10, 14, 16, 4, 13, 5, 7, 9, 0, 12, 15, 1, 6, 3, 8);
        assertThat(all(42, 1)).containsExactly(0);
        assertThat(all(42, 2)).containsExactly(0, 1);
        KeyedPermutation mnist = new KeyedPermutation(42, 60_000);
        assertThat(LongStream.of(0, 1, 2, 59_999).map(mnist::at)).containsExactly(55345L, 8890L, 34431L, 53695L);
        KeyedPermutation huge = new KeyedPermutation(42, 1_000_000_000_000L);
        assertThat(LongStream.of(0, 1).map(huge::at)).containsExactly(325829094148L, 167545900419L);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 10, 11, 15, 16, Long.MAX_VALUE, Long.MIN_VALUE})
    void refusesAPositionOutside(long position) {
        assertThatThrownBy(() -> new KeyedPermutation(1, 10).at(position))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessage("position " + position + " of a permutation of 10");
    }

    @Test
    void refusesAnElementOutside() {
        assertThatThrownBy(() -> new KeyedPermutation(1, 10).positionOf(10))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessage("element 10 of a permutation of 10");
    }

    @Test
    void refusesToBeEmpty() {
        assertThatThrownBy(() -> new KeyedPermutation(1, 0))
                .hasMessage("a permutation needs at least 1 element, found 0");
    }

    @Test
    void anotherKeyIsAnotherOrder() {
        long[] orders = LongStream.range(0, 200)
                .map(key -> Arrays.hashCode(all(key, 100)))
                .distinct()
                .toArray();
        assertThat(orders).hasSize(200);
    }

    /** Over many keys, every element comes first about equally often, even when there are few of them. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 5, 10, 16, 17, 100})
    void everyElementIsEquallyLikelyToComeFirst(int size) {
        int keys = 1000 * size;
        int[] firsts = new int[size];
        for (int key = 0; key < keys; key++) {
            firsts[(int) new KeyedPermutation(key, size).at(0)]++;
        }
        double chiSquare = 0;
        for (int count : firsts) {
            chiSquare += Math.pow(count - 1000, 2) / 1000;
        }
        assertThat(chiSquare).isLessThan(size - 1 + 5 * Math.sqrt(2.0 * (size - 1)));
    }

    /** Every ordered pair of elements is about equally likely to take the first two places. */
    @Test
    void everyPairIsEquallyLikelyToComeFirst() {
        int size = 100;
        int pairs = size * (size - 1);
        int[] counts = new int[size * size];
        for (int key = 0; key < 100 * pairs; key++) {
            KeyedPermutation order = new KeyedPermutation(key, size);
            counts[(int) (order.at(0) * size + order.at(1))]++;
        }
        double chiSquare = 0;
        for (int i = 0; i < counts.length; i++) {
            chiSquare += i / size == i % size ? 0 : Math.pow(counts[i] - 100, 2) / 100;
        }
        assertThat(chiSquare).isLessThan(pairs - 1 + 5 * Math.sqrt(2.0 * (pairs - 1)));
    }

    /** No trace of the old order: neighbours are as far apart as strangers are (a third of the range on average). */
    @Test
    void scattersNeighbours() {
        int size = 10_000;
        KeyedPermutation order = new KeyedPermutation(3, size);
        double distance = 0;
        for (int position = 1; position < size; position++) {
            distance += Math.abs(order.at(position) - order.at(position - 1));
        }
        assertThat(distance / (size - 1) / size).isCloseTo(1 / 3.0, within(0.01));
    }

    private static int[] all(long key, int size) {
        KeyedPermutation order = new KeyedPermutation(key, size);
        return LongStream.range(0, size).mapToInt(i -> (int) order.at(i)).toArray();
    }
}
