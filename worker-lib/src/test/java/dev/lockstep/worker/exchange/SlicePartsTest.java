package dev.lockstep.worker.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.reduce.ReductionTree;
import dev.lockstep.worker.reduce.Span;
import dev.lockstep.worker.tally.Tally;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SlicePartsTest {
    private static final int SHARDS = 6;
    private static final int FROM = 3; // the slice's first element

    /** Whatever is added up at once, and wherever it lies, a sum has the bits of the tree. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2047, 2048, 2049, 10_000})
    void addsUpAlongTheTree(int length) {
        ReductionTree tree = new ReductionTree(SHARDS);
        Random random = new Random(length);
        List<SliceParts.Part> parts = new ArrayList<>();
        List<PartialSum> whole = new ArrayList<>();
        for (int shard = 0; shard < SHARDS; shard++) {
            if (shard == 2) {
                continue; // an empty one
            }
            float[] values = new float[FROM + length];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) random.nextGaussian() * (1 << random.nextInt(20));
            }
            Tally tally = new Tally(shard + 1, shard + 1, new double[] {Math.sqrt(shard)});
            PartialSum sum = new PartialSum(new Span(shard, shard + 1), values, tally);
            parts.add(
                    shard % 2 == 0
                            ? SliceParts.Part.of(sum, FROM, length)
                            : new SliceParts.Part(sum.span(), tally, direct(values, length)));
            whole.add(new PartialSum(sum.span(), values.clone(), tally));
        }
        Collections.shuffle(parts, random);
        float[] sum = new float[FROM + length + 2];
        Tally tally = new SliceParts(tree, parts).addUp(sum, FROM, length);
        PartialSum expected = tree.combine(whole);
        assertThat(tally.examples()).isEqualTo(18);
        assertThat(tally.sums()).isEqualTo(expected.tally().sums());
        for (int i = 0; i < length; i++) {
            assertThat(Float.floatToRawIntBits(sum[FROM + i]))
                    .as("element %d", i)
                    .isEqualTo(Float.floatToRawIntBits(expected.gradient()[FROM + i]));
        }
        assertThat(new float[] {sum[0], sum[FROM - 1], sum[FROM + length], sum[FROM + length + 1]})
                .containsOnly(0);
    }

    private static FloatBuffer direct(float[] values, int length) {
        FloatBuffer memory = ByteBuffer.allocateDirect(length * Float.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer();
        return memory.put(0, values, FROM, length);
    }

    @Test
    void aCopyStays() {
        FloatBuffer message = FloatBuffer.wrap(new float[] {1, 2});
        float[] kept = new float[2];
        SliceParts.Part part = new SliceParts.Part(new Span(0, 1), new Tally(1, 1, new double[0]), message).copy(kept);
        message.put(0, 9);
        assertThat(part.values().get(0)).isEqualTo(1);
        assertThat(kept).containsExactly(1, 2);
    }
}
