package dev.lockstep.worker.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.worker.reduce.Span;
import dev.lockstep.worker.seed.SeedLaw;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class TrainingPlacementTest {

    /** Each place goes to the task that says it computes the place's shard, whatever the batch, the shards, the tasks. */
    @Property(tries = 300)
    void everyPlaceIsWithTheTaskThatComputesIt(
            @ForAll @IntRange(min = 1, max = 64) int shards,
            @ForAll @IntRange(max = 63) int less,
            @ForAll @IntRange(min = 1, max = 200) int batchSize,
            @ForAll @IntRange(min = 1, max = 500) int examples,
            @ForAll Sampling sampling) {
        int tasks = 1 + less % shards;
        BatchPlan plan = new BatchPlan(new SeedLaw(1), examples, batchSize, shards, sampling);
        long steps = plan.stepsPerEpoch();
        TrainingPlacement placement = new TrainingPlacement(plan, Subset.all(examples), steps - 1, steps + 1, tasks);
        assertThat(placement.from()).isEqualTo((steps - 1) * batchSize);
        assertThat(placement.to()).isEqualTo((steps + 1) * batchSize);
        int[] placed = new int[2];
        for (long place = placement.from(); place < placement.to(); place++) {
            long step = place / batchSize;
            int position = (int) (place % batchSize);
            if (position >= plan.batchSize(step)) {
                assertThat(placement.example(place)).isEqualTo(Placement.NONE);
                continue;
            }
            placed[(int) (step - steps + 1)]++;
            assertThat(placement.example(place)).isEqualTo(plan.example(step, position));
            int shard = plan.shardOf(plan.batchSize(step), position);
            int task = placement.task(place);
            assertThat(task).isBetween(0, tasks - 1);
            Span shardsOfTask = placement.shards(task);
            assertThat(shard).isBetween(shardsOfTask.from(), shardsOfTask.to() - 1);
        }
        assertThat(placed).containsExactly(plan.batchSize(steps - 1), plan.batchSize(steps));
    }

    /** Where an example goes is known without looking at every place, unless it is drawn by chance. */
    @Property(tries = 200)
    void examplesAreFoundByTheirNumber(
            @ForAll @IntRange(min = 1, max = 50) int batchSize,
            @ForAll @IntRange(min = 2, max = 300) int examples,
            @ForAll @IntRange(max = 40) int fromStep,
            @ForAll @IntRange(min = 1, max = 40) int steps,
            @ForAll boolean drawnAnew,
            @ForAll Sampling sampling) {
        SeedLaw seeds = new SeedLaw(3);
        Subset part = Subset.training(seeds, examples, 0.3);
        Subset subset = drawnAnew ? part.resampled(seeds, null) : part;
        BatchPlan plan = new BatchPlan(seeds, subset.size(), batchSize, 1, sampling);
        int end = examples + 5; // a block may hold more than is used
        assertThat(found(new TrainingPlacement(plan, subset, fromStep, fromStep + steps, 1), examples / 3, end))
                .isTrue();
        assertThat(found(new EvaluationPlacement(subset, 7, 2), examples / 3, end))
                .isTrue();
    }

    /** Whether the places of some examples are those that a look at every place finds. */
    private static boolean found(Placement placement, long first, long end) {
        Map<Long, Long> found = new HashMap<>();
        placement.forEach(first, end, (place, example) -> assertThat(found.put(place, example))
                .isNull());
        Map<Long, Long> expected = new HashMap<>();
        for (long place = placement.from(); place < placement.to(); place++) {
            long example = placement.example(place);
            if (example >= first && example < end) {
                expected.put(place, example);
            }
        }
        return found.equals(expected);
    }

    /** Training never sees what is held back: examples are numbered within the subset. */
    @Test
    void examplesAreThoseOfTheSubset() {
        SeedLaw seeds = new SeedLaw(9);
        Subset training = Subset.training(seeds, 50, 0.4);
        Subset validation = Subset.validation(seeds, 50, 0.4);
        BatchPlan plan = new BatchPlan(seeds, training.size(), 8, 2, Sampling.EPOCH);
        TrainingPlacement placement = new TrainingPlacement(plan, training, 0, plan.stepsPerEpoch(), 2);
        List<Long> seen = LongStream.range(placement.from(), placement.to())
                .map(placement::example)
                .filter(example -> example != Placement.NONE)
                .sorted()
                .boxed()
                .toList();
        assertThat(seen).hasSize(30).doesNotHaveDuplicates();
        for (long number = 0; number < validation.size(); number++) {
            assertThat(seen).doesNotContain(validation.index(number));
        }
    }

    @Test
    void aShardsExamplesAreItsPlaces() {
        BatchPlan plan = new BatchPlan(new SeedLaw(1), 10, 4, 3, Sampling.EPOCH);
        TrainingPlacement placement = new TrainingPlacement(plan, Subset.all(10), 0, 3, 1);
        // Steps of 4, 4 and 2 examples; shards of 1, 1, 2 and, in the last, of 0, 1, 1.
        byte[][] packed = new byte[10][];
        for (int i = 0; i < 10; i++) {
            packed[i] = new byte[] {(byte) i};
        }
        PlacedExamples examples = (from, to) -> Arrays.asList(packed).subList((int) from, (int) to);
        assertThat(placement.shard(examples, 1, 0)).containsExactly(packed[4]);
        assertThat(placement.shard(examples, 1, 1)).containsExactly(packed[5]);
        assertThat(placement.shard(examples, 1, 2)).containsExactly(packed[6], packed[7]);
        assertThat(placement.shard(examples, 2, 0)).isEmpty();
        assertThat(placement.shard(examples, 2, 1)).containsExactly(packed[8]);
        assertThat(placement.shard(examples, 2, 2)).containsExactly(packed[9]);
    }

    @Test
    void aMissingExampleIsNoticed() {
        BatchPlan plan = new BatchPlan(new SeedLaw(1), 10, 4, 1, Sampling.EPOCH);
        TrainingPlacement placement = new TrainingPlacement(plan, Subset.all(10), 0, 3, 1);
        PlacedExamples examples = (from, to) -> List.of(new byte[1], new byte[1], new byte[1]);
        assertThatThrownBy(() -> placement.shard(examples, 1, 0))
                .hasMessage("step 1, shard 0 has 3 examples after the shuffle, expected 4");
    }
}
