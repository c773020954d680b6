package dev.lockstep.worker.seed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

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
    void refusesToBeEmpty() {
        assertThatThrownBy(() -> new KeyedPermutation(1, 0))
                .hasMessage("a permutation needs at least 1 element, found 0");
    }

    @Test
    void anotherKeyIsAnotherOrder() {
        long[] orders = LongStream.range(0, 200)
                .map(key -> java.util.Arrays.hashCode(all(key, 100)))
                .distinct()
                .toArray();
        assertThat(orders).hasSize(200);
    }

    /** Over many keys, the first two places take every ordered pair of elements about equally often. */
    @Test
    void everyPairIsEquallyLikelyToComeFirst() {
        int size = 10;
        int keys = 90_000;
        int[] firsts = new int[size];
        int[][] pairs = new int[size][size];
        for (int key = 0; key < keys; key++) {
            KeyedPermutation order = new KeyedPermutation(key, size);
            int first = (int) order.at(0);
            firsts[first]++;
            pairs[first][(int) order.at(1)]++;
        }
        double chiFirst = 0;
        double chiPair = 0;
        for (int i = 0; i < size; i++) {
            chiFirst += Math.pow(firsts[i] - keys / 10.0, 2) / (keys / 10.0);
            for (int j = 0; j < size; j++) {
                chiPair += i == j ? 0 : Math.pow(pairs[i][j] - keys / 90.0, 2) / (keys / 90.0);
            }
        }
        assertThat(chiFirst).isLessThan(9 + 5 * Math.sqrt(18)); // 9 degrees of freedom
        assertThat(chiPair).isLessThan(89 + 5 * Math.sqrt(178)); // 89 degrees of freedom
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
