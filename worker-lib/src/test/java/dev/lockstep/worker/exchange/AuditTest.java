package dev.lockstep.worker.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.reduce.Span;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.tally.Tally;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AuditTest {

    /** By the seed law, so that everybody audits the same shards, and a smaller share's are among a larger one's. */
    @Test
    void aShareOfTheShardsIsAudited() {
        Audit tenth = new Audit(new SeedLaw(7), 0.1);
        Audit fifth = new Audit(new SeedLaw(7), 0.2);
        int audited = 0;
        for (long step = 0; step < 1000; step++) {
            for (int shard = 0; shard < 16; shard++) {
                audited += tenth.includes(step, shard) ? 1 : 0;
                assertThat(tenth.includes(step, shard) && !fifth.includes(step, shard))
                        .isFalse();
                assertThat(Audit.NONE.includes(step, shard)).isFalse();
                assertThat(new Audit(new SeedLaw(7), 1).includes(step, shard)).isTrue();
            }
        }
        assertThat(audited / 16_000.0).isCloseTo(0.1, within(0.01));
        List<Long> first = new ArrayList<>();
        for (long step = 0; first.size() < 5; step++) {
            if (tenth.includes(step, 3)) {
                first.add(step);
            }
        }
        assertThat(first).as("the law of audits, which is released").containsExactly(7L, 18L, 20L, 29L, 39L);
    }

    @Test
    void noBitIsOverlooked() {
        float[] values = new float[40_000]; // more than a chunk
        for (int i = 0; i < values.length; i++) {
            values[i] = i * 0.37f;
        }
        Tally tally = Tally.of(5, 5, 1.25, new double[] {3});
        byte[] digest = digest(values, tally);
        assertThat(digest(values.clone(), Tally.of(5, 5, 1.25, new double[] {3})))
                .isEqualTo(digest);
        for (int at : new int[] {0, 16_383, 16_384, 39_999}) {
            float[] flipped = values.clone();
            flipped[at] = Float.intBitsToFloat(Float.floatToRawIntBits(values[at]) ^ 1 << 31);
            assertThat(digest(flipped, tally)).isNotEqualTo(digest);
        }
        assertThat(digest(values, Tally.of(5, 5, 1.25, new double[] {4}))).isNotEqualTo(digest);
        assertThat(digest(values, Tally.of(6, 5, 1.25, new double[] {3}))).isNotEqualTo(digest);
        assertThat(Audit.digest(null)).containsOnly(0).hasSize(Audit.DIGEST_BYTES);
    }

    private static byte[] digest(float[] values, Tally tally) {
        return Audit.digest(new PartialSum(new Span(0, 1), values, tally));
    }
}
