package dev.lockstep.worker.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Keys are in the order of what they are made of, byte by byte as Spark sorts them. */
class RowKeyTest {
    private static final byte[] LOW = new byte[32];
    private static final byte[] HIGH = RowKey.digest(LOW);

    /** Shuffled and sorted by their keys they are as they were. */
    private static void requireOrder(Object... ids) {
        List<Object> sorted = new ArrayList<>(List.of(ids));
        Collections.shuffle(sorted, new Random(3));
        sorted.sort((a, b) -> Arrays.compareUnsigned(RowKey.of(1, a, LOW), RowKey.of(1, b, LOW)));
        assertThat(sorted).containsExactly(ids);
    }

    @Test
    void numbersGoByTheirSize() {
        requireOrder(Long.MIN_VALUE, -300L, -1L, 0L, 1L, 255L, 256L, Long.MAX_VALUE);
        requireOrder(Integer.MIN_VALUE, (short) -2, (byte) 7, 70_000, 70_001L);
        requireOrder(
                Double.NEGATIVE_INFINITY, -2.5, -1e-300, 0.0, 1e-300, 0.1f, 2.5, Double.POSITIVE_INFINITY, Double.NaN);
        assertThat(RowKey.bytes(-0.0)).isEqualTo(RowKey.bytes(0.0));
        assertThat(RowKey.bytes(7)).isEqualTo(RowKey.bytes(7L));
    }

    @Test
    void wordsGoByTheirBytesAndTheShorterFirst() {
        requireOrder("", "\0", "\0a", "a", "a\0", "a\0\0", "aa", "b", "é", "中", "\uD83D\uDE00");
        assertThat(RowKey.bytes("é")).isEqualTo(RowKey.bytes("é".getBytes(StandardCharsets.UTF_8)));
    }

    /** What lies behind an id has no say in the order of ids; of equal ones it has, and without ids alone. */
    @Test
    void equalIdsGoByTheDigestAndPartsLieTogether() {
        List<byte[]> keys = List.of(
                RowKey.of(RowEncoder.TRAINING, "a", LOW),
                RowKey.of(RowEncoder.TRAINING, "a", HIGH),
                RowKey.of(RowEncoder.TRAINING, "ab", LOW),
                RowKey.of(RowEncoder.VALIDATION, "a", LOW),
                RowKey.of(RowEncoder.TEST, "a", LOW));
        assertThat(keys).isSortedAccordingTo(Arrays::compareUnsigned);
        assertThat(List.of(RowKey.of(1, null, LOW), RowKey.of(1, null, HIGH)))
                .isSortedAccordingTo(Arrays::compareUnsigned)
                .allSatisfy(key -> assertThat(key).hasSize(33));
    }
}
