package dev.lockstep.worker.table;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.worker.table.KeyRanges.Piece;
import dev.lockstep.worker.table.KeyedBlock.Sample;
import dev.lockstep.worker.table.RowEncoder.Keyed;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** However rows come, and wherever ranges end, they are sorted by their keys. */
class KeyRangesTest {

    /** Keys of one to three bytes, so that there are equal ones, and ones that others begin with; each begins with its part. */
    private static List<Keyed> rows(Random random, int count) {
        List<Keyed> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] key = new byte[1 + random.nextInt(3)];
            random.nextBytes(key);
            key[0] = (byte) (RowEncoder.TRAINING + random.nextInt(3));
            rows.add(new Keyed(key, key.clone())); // equal keys are of equal rows
        }
        return rows;
    }

    private static List<byte[]> sorted(List<Keyed> rows, KeyRanges ranges, int blockSize) {
        List<List<KeyedBlock>> ofRange = new ArrayList<>();
        IntStream.range(0, ranges.count()).forEach(range -> ofRange.add(new ArrayList<>()));
        for (int from = 0; from < rows.size(); from += blockSize) {
            KeyedBlock block = KeyedBlock.of(rows.subList(from, Math.min(rows.size(), from + blockSize)));
            for (Piece piece : ranges.cut(block)) {
                ofRange.get(piece.range()).add(piece.rows());
            }
        }
        List<byte[]> sorted = new ArrayList<>();
        for (List<KeyedBlock> pieces : ofRange) {
            long[] seen = new long[RowEncoder.TEST + 1];
            PartBlock.of(pieces.iterator()).forEachRemaining(block -> {
                assertThat(block.block().first()).isEqualTo(seen[block.part()]);
                for (int i = 0; i < block.block().size(); i++) {
                    assertThat(block.keys()[i]).startsWith(block.part());
                    assertThat(block.block().packed(seen[block.part()]++)).isEqualTo(block.keys()[i]);
                    sorted.add(block.keys()[i]);
                }
            });
        }
        return sorted;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void theOrderIsThatOfTheKeys(int seed) {
        Random random = new Random(seed);
        List<Keyed> rows = rows(random, random.nextInt(3000));
        List<byte[]> expected =
                rows.stream().map(Keyed::key).sorted(Arrays::compareUnsigned).toList();
        for (int ranges : new int[] {1, 2, 7, 40}) {
            byte[][] bounds = rows(random, ranges - 1).stream() // some of them equal, some of no row
                    .map(Keyed::key)
                    .sorted(Arrays::compareUnsigned)
                    .toArray(byte[][]::new);
            Collections.shuffle(rows, random);
            assertThat(sorted(rows, new KeyRanges(bounds), 1 + random.nextInt(500)))
                    .usingElementComparator(Arrays::compareUnsigned)
                    .isEqualTo(expected);
        }
    }

    @Test
    void nothingIsNothing() {
        KeyRanges ranges = KeyRanges.of(List.of(), 4);
        assertThat(ranges.count()).isOne();
        assertThat(PartBlock.of(Collections.emptyIterator())).isExhausted();
    }

    private static Sample sample(int key, long bytes) {
        return new Sample(ByteBuffer.allocate(Integer.BYTES).putInt(key).array(), bytes);
    }

    /** 100 MiB, a sample for each: ranges of at most 16 MiB, whatever the keys look like. */
    @Test
    void rangesHoldAboutTheSame() {
        List<Sample> samples = new ArrayList<>();
        IntStream.range(0, 100).forEach(i -> samples.add(sample(i * i, 1 << 20)));
        Collections.shuffle(samples, new Random(1));
        KeyRanges ranges = KeyRanges.of(samples, 2);
        assertThat(ranges.count()).isEqualTo(7);
        int[] held = new int[7];
        samples.forEach(sample -> held[ranges.of(sample.key())]++);
        assertThat(held).containsOnly(14, 15);
    }

    /** A small table is sorted by one task, a larger one by all. */
    @Test
    void tasksAreWorthTheirWhile() {
        assertThat(KeyRanges.of(List.of(sample(1, 100), sample(2, 100)), 8).count())
                .isOne();
        assertThat(KeyRanges.of(
                                IntStream.range(0, 8)
                                        .mapToObj(i -> sample(i, 1 << 20))
                                        .toList(),
                                4)
                        .count())
                .isEqualTo(4);
    }
}
