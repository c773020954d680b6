package dev.lockstep.worker.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.worker.reduce.Span;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.step.StepId;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class BatchPlanTest {

    /** From an implementation in Python: which example is where is part of the trained model. */
    @Test
    void isPinned() {
        BatchPlan epochs = new BatchPlan(new SeedLaw(42), 10, 4, 2, Sampling.EPOCH);
        assertThat(batch(epochs, 0)).containsExactly(9, 3, 0, 7);
        assertThat(batch(epochs, 1)).containsExactly(4, 5, 2, 1);
        assertThat(batch(epochs, 2)).containsExactly(6, 8);
        assertThat(batch(epochs, 3)).containsExactly(1, 5, 7, 0); // the next epoch, in an order of its own
        assertThat(batch(epochs, 4)).containsExactly(2, 8, 3, 6);
        assertThat(batch(epochs, 5)).containsExactly(4, 9);

        BatchPlan draws = new BatchPlan(new SeedLaw(42), 10, 4, 2, Sampling.WITH_REPLACEMENT);
        assertThat(batch(draws, 0)).containsExactly(7, 0, 2, 0);
        assertThat(batch(draws, 1)).containsExactly(2, 0, 2, 6);
        assertThat(batch(draws, 2)).containsExactly(0, 3, 1, 7); // full, where an epoch's last batch would be short
        assertThat(batch(draws, 3)).containsExactly(0, 2, 0, 5);
    }

    @Test
    void countsStepsAndEpochs() {
        BatchPlan plan = new BatchPlan(new SeedLaw(1), 10, 4, 2, Sampling.EPOCH);
        assertThat(plan.stepsPerEpoch()).isEqualTo(3);
        assertThat(plan.id(0)).isEqualTo(new StepId(0, 0, 4));
        assertThat(plan.id(2)).isEqualTo(new StepId(2, 0, 2));
        assertThat(plan.id(3)).isEqualTo(new StepId(3, 1, 4));
        assertThat(plan.id(17)).isEqualTo(new StepId(17, 5, 2));
        BatchPlan even = new BatchPlan(new SeedLaw(1), 12, 4, 2, Sampling.EPOCH);
        assertThat(even.stepsPerEpoch()).isEqualTo(3);
        assertThat(even.id(2)).isEqualTo(new StepId(2, 0, 4));
        BatchPlan draws = new BatchPlan(new SeedLaw(1), 10, 4, 2, Sampling.WITH_REPLACEMENT);
        assertThat(draws.id(2)).isEqualTo(new StepId(2, 0, 4));
        assertThat(new BatchPlan(new SeedLaw(1), 3, 8, 2, Sampling.EPOCH).id(1)).isEqualTo(new StepId(1, 1, 3));
    }

    @Property(tries = 200)
    void everyExampleComesOnceAnEpoch(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 2000) int examples,
            @ForAll @IntRange(min = 1, max = 300) int batchSize,
            @ForAll @IntRange(max = 20) int epoch) {
        BatchPlan plan = new BatchPlan(new SeedLaw(seed), examples, batchSize, 1, Sampling.EPOCH);
        BitSet seen = new BitSet();
        int count = 0;
        long first = epoch * plan.stepsPerEpoch();
        for (long step = first; step < first + plan.stepsPerEpoch(); step++) {
            assertThat(plan.epoch(step)).isEqualTo(epoch);
            boolean last = step == first + plan.stepsPerEpoch() - 1;
            assertThat(plan.batchSize(step)).isBetween(1, batchSize);
            assertThat(last || plan.batchSize(step) == batchSize).isTrue();
            for (int position = 0; position < plan.batchSize(step); position++) {
                seen.set((int) plan.example(step, position));
                count++;
            }
        }
        assertThat(count).isEqualTo(examples);
        assertThat(seen.cardinality()).isEqualTo(examples);
        assertThat(seen.length()).isEqualTo(examples);
    }

    /** Whatever the lengths: each example comes once, a batch takes no more groups than lie side by side, and orders differ. */
    @Property(tries = 200)
    void bucketsTakeEachOnceAndKeepLengthsTogether(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 500) int examples,
            @ForAll @IntRange(min = 1, max = 60) int batchSize,
            @ForAll @IntRange(min = 1, max = 9) int groups,
            @ForAll @IntRange(max = 3) int epoch) {
        List<Long> begins = LongStream.range(0, groups)
                .map(group -> group * examples / groups)
                .distinct()
                .boxed()
                .toList();
        BatchPlan plan =
                new BatchPlan(new SeedLaw(seed), examples, batchSize, 1, Sampling.BUCKETS).with(new Buckets(begins));
        BitSet seen = new BitSet();
        long first = epoch * plan.stepsPerEpoch();
        for (long step = first; step < first + plan.stepsPerEpoch(); step++) {
            List<Long> batch =
                    batch(plan, step).stream().map(Integer::longValue).toList();
            batch.forEach(example -> seen.set(example.intValue()));
            long least = batch.stream().min(Long::compare).orElseThrow();
            long most = batch.stream().max(Long::compare).orElseThrow();
            long between = begins.stream()
                    .filter(begin -> begin > least && begin <= most)
                    .count();
            assertThat(between).isLessThanOrEqualTo((batchSize - 1L) * groups / examples + 2);
            for (int position = 0; position < batch.size(); position++) {
                assertThat(plan.place(epoch, batch.get(position))).isEqualTo(step * batchSize + position);
            }
        }
        assertThat(seen.cardinality()).isEqualTo(examples);
        assertThat(seen.length()).isEqualTo(examples);
    }

    @Test
    void bucketsAreShuffled() {
        BatchPlan plan =
                new BatchPlan(new SeedLaw(1), 100, 10, 1, Sampling.BUCKETS).with(new Buckets(List.of(0L, 50L)));
        assertThat(batch(plan, 0)).isNotEqualTo(batch(plan, 10)).doesNotHaveDuplicates();
        assertThat(LongStream.range(0, 10)
                        .map(step -> batch(plan, step).get(0) / 50)
                        .boxed())
                .containsOnly(0L, 1L)
                .isNotEqualTo(List.of(0L, 0L, 0L, 0L, 0L, 1L, 1L, 1L, 1L, 1L));
    }

    @Property(tries = 100)
    void withReplacementEveryBatchIsFullAndInRange(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 2000) int examples,
            @ForAll @IntRange(min = 1, max = 100) int batchSize,
            @ForAll @LongRange(min = 0, max = 100_000) long step) {
        BatchPlan plan = new BatchPlan(new SeedLaw(seed), examples, batchSize, 1, Sampling.WITH_REPLACEMENT);
        assertThat(plan.batchSize(step)).isEqualTo(batchSize);
        for (int position = 0; position < batchSize; position++) {
            assertThat(plan.example(step, position)).isBetween(0L, examples - 1L);
        }
    }

    /** Over 1,000 batches of 100 from 1,000 examples, each example comes about 100 times, Poisson-like. */
    @Test
    void withReplacementIsUniformAndIndependent() {
        BatchPlan plan = new BatchPlan(new SeedLaw(3), 1000, 100, 1, Sampling.WITH_REPLACEMENT);
        int[] counts = new int[1000];
        for (int step = 0; step < 1000; step++) {
            batch(plan, step).forEach(example -> counts[example]++);
        }
        double chiSquare = 0;
        for (int count : counts) {
            chiSquare += Math.pow(count - 100, 2) / 100;
        }
        assertThat(chiSquare).isBetween(999 - 5 * Math.sqrt(2 * 999), 999 + 5 * Math.sqrt(2 * 999));
    }

    @Test
    void ordersDifferByEpochAndSeed() {
        BatchPlan plan = new BatchPlan(new SeedLaw(1), 100, 100, 1, Sampling.EPOCH);
        BatchPlan other = new BatchPlan(new SeedLaw(2), 100, 100, 1, Sampling.EPOCH);
        assertThat(batch(plan, 0)).isNotEqualTo(batch(plan, 1)).isNotEqualTo(batch(other, 0));
        // Neither the batch size nor the shards have a say in the order.
        BatchPlan cut = new BatchPlan(new SeedLaw(1), 100, 30, 7, Sampling.EPOCH);
        List<Integer> joined = new ArrayList<>();
        for (int step = 0; step < 4; step++) {
            joined.addAll(batch(cut, step));
        }
        assertThat(joined).isEqualTo(batch(plan, 0));
    }

    @Property(tries = 500)
    void shardsCoverTheBatchEvenly(
            @ForAll @IntRange(min = 1, max = 300) int shards, @ForAll @IntRange(min = 1, max = 5000) int batch) {
        BatchPlan plan = new BatchPlan(new SeedLaw(1), 10_000, 5000, shards, Sampling.EPOCH);
        assertThat(plan.shardStart(batch, 0)).isZero();
        assertThat(plan.shardStart(batch, shards)).isEqualTo(batch);
        for (int shard = 0; shard < shards; shard++) {
            int size = plan.shardStart(batch, shard + 1) - plan.shardStart(batch, shard);
            assertThat(size).isBetween(batch / shards, (batch + shards - 1) / shards);
        }
    }

    @Property(tries = 300)
    void shardOfIsTheInverseOfShardStart(
            @ForAll @IntRange(min = 1, max = 300) int shards, @ForAll @IntRange(min = 1, max = 2000) int batch) {
        BatchPlan plan = new BatchPlan(new SeedLaw(1), 10_000, 5000, shards, Sampling.EPOCH);
        for (int position = 0; position < batch; position++) {
            int shard = plan.shardOf(batch, position);
            assertThat(shard).isBetween(0, shards - 1);
            assertThat(plan.shardStart(batch, shard)).isLessThanOrEqualTo(position);
            assertThat(plan.shardStart(batch, shard + 1)).isGreaterThan(position);
        }
    }

    /** Products of a large batch and many shards do not fit an int. */
    @Test
    void largeBatches() {
        BatchPlan plan = new BatchPlan(new SeedLaw(1), 10_000_000, 5_000_000, 4096, Sampling.EPOCH);
        assertThat(plan.shardStart(5_000_000, 4096)).isEqualTo(5_000_000);
        assertThat(plan.shardStart(5_000_000, 2048)).isEqualTo(2_500_000);
        assertThat(plan.shardOf(5_000_000, 4_999_999)).isEqualTo(4095);
        assertThat(plan.shardOf(5_000_000, 2_500_000)).isEqualTo(2048);
        assertThat(plan.example(2_000_000_000L, 3)).isBetween(0L, 9_999_999L);
    }

    @Property(tries = 300)
    void tasksCoverTheShardsEvenly(
            @ForAll @IntRange(min = 1, max = 300) int shards, @ForAll @IntRange(max = 299) int less) {
        int tasks = 1 + less % shards;
        BatchPlan plan = new BatchPlan(new SeedLaw(1), 10_000, 5000, shards, Sampling.EPOCH);
        int at = 0;
        for (int task = 0; task < tasks; task++) {
            Span span = plan.shardsOfTask(task, tasks);
            assertThat(span.from()).isEqualTo(at);
            assertThat(span.to() - span.from()).isBetween(shards / tasks, (shards + tasks - 1) / tasks);
            at = span.to();
        }
        assertThat(at).isEqualTo(shards);
    }

    @Test
    void refusesNothing() {
        for (int[] bad : new int[][] {{0, 1, 1}, {1, 0, 1}, {1, 1, 0}, {-1, 4, 4}}) {
            assertThatThrownBy(() -> new BatchPlan(new SeedLaw(1), bad[0], bad[1], bad[2], Sampling.EPOCH))
                    .hasMessage("examples, batch size and shards must be at least 1: " + bad[0] + ", " + bad[1] + ", "
                            + bad[2]);
        }
    }

    private static List<Integer> batch(BatchPlan plan, long step) {
        List<Integer> examples = new ArrayList<>();
        for (int position = 0; position < plan.batchSize(step); position++) {
            examples.add((int) plan.example(step, position));
        }
        return examples;
    }
}
