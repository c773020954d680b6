package dev.lockstep.worker.reduce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.worker.tally.Tally;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class RunningSumsTest {
    private static final int PARAMETERS = 5;

    /** Some tasks take shards as chance has it; what they come to together are the bits of one. */
    @Property(tries = 500)
    void sameBitsInWhicheverOrderAndByWhomever(
            @ForAll @IntRange(min = 1, max = 200) int shards,
            @ForAll @IntRange(min = 1, max = 5) int tasks,
            @ForAll Random random) {
        PartialSum[] leaves = new PartialSum[shards];
        for (int shard = 0; shard < shards; shard++) {
            leaves[shard] = random.nextInt(4) == 0 ? null : leaf(shard, random);
        }
        PartialSum expected = TreeSum.of(new Span(0, shards), shard -> copy(leaves[shard]));
        ReductionTree tree = new ReductionTree(shards);
        List<RunningSums> sums = new ArrayList<>();
        List<PartialSum> spent = new ArrayList<>();
        for (int task = 0; task < tasks; task++) {
            sums.add(new RunningSums(tree, spent::add));
        }
        List<Integer> order = new ArrayList<>(IntStream.range(0, shards).boxed().toList());
        Collections.shuffle(order, random);
        for (int shard : order) {
            RunningSums some = sums.get(random.nextInt(tasks));
            PartialSum leaf = copy(leaves[shard]);
            if (random.nextBoolean()) {
                some.add(shard, leaf);
            } else {
                some.addOnto(shard, left -> joined(left, leaf, spent));
            }
        }
        List<PartialSum> pieces =
                sums.stream().flatMap(task -> task.all().stream()).toList();
        long there = IntStream.range(0, shards)
                .filter(shard -> leaves[shard] != null)
                .count();
        assertThat(pieces.size() + spent.size()).isEqualTo((int) there); // each array is held, or is given back
        PartialSum whole = tree.combine(pieces);
        if (expected == null) {
            assertThat(whole).isNull();
        } else {
            assertThat(whole.gradient()).containsExactly(expected.gradient());
            assertThat(whole.tally().lossSum()).isEqualTo(expected.tally().lossSum());
            assertThat(whole.examples()).isEqualTo(expected.examples());
        }
    }

    /** What whoever can add to an array gives: the sum in the first one's. */
    private static PartialSum joined(PartialSum left, PartialSum leaf, List<PartialSum> spent) {
        if (left == null || leaf == null) {
            return leaf;
        }
        spent.add(leaf);
        for (int i = 0; i < PARAMETERS; i++) {
            left.gradient()[i] += leaf.gradient()[i];
        }
        return new PartialSum(left.span(), left.gradient(), left.tally().plus(leaf.tally()));
    }

    /** From left to right, no more than a node of each size is held. */
    @Test
    void neighboursBecomeOneAtOnce() {
        RunningSums sums = new RunningSums(new ReductionTree(100), spent -> {});
        for (int shard = 0; shard < 100; shard++) {
            sums.add(shard, leaf(shard, new Random(shard)));
            assertThat(sums.all()).hasSize(held(shard + 1));
        }
        assertThat(sums.all().get(0).span()).isEqualTo(new Span(0, 100));
    }

    /** The nodes of a tree of 100 that the first shards make up. */
    private static int held(int first) {
        return new ReductionTree(100)
                .maximalSubtrees(List.of(new Span(0, first)))
                .size();
    }

    @Test
    void largestSubtreesOnly() {
        RunningSums sums = new RunningSums(new ReductionTree(8), spent -> {});
        for (int shard : new int[] {6, 2, 7, 3, 0, 5}) {
            sums.add(shard, leaf(shard, new Random(shard)));
        }
        assertThat(sums.all().stream()
                        .map(PartialSum::span)
                        .sorted(Comparator.comparing(Span::from))
                        .toList())
                .containsExactly(new Span(0, 1), new Span(2, 4), new Span(5, 6), new Span(6, 8));
    }

    @Test
    void aShardThatComesTwiceIsRefused() {
        RunningSums sums = new RunningSums(new ReductionTree(4), spent -> {});
        sums.add(2, leaf(2, new Random(1)));
        sums.add(0, null);
        sums.add(1, leaf(1, new Random(1))); // a part of a sum by now
        for (int again : new int[] {0, 1, 2}) {
            assertThatThrownBy(() -> sums.add(again, null))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("shard " + again + " comes twice");
        }
    }

    private static PartialSum leaf(int shard, Random random) {
        float[] gradient = new float[PARAMETERS];
        for (int i = 0; i < PARAMETERS; i++) {
            gradient[i] = (float) Math.scalb(random.nextDouble() - 0.5, random.nextInt(20));
        }
        return new PartialSum(
                new Span(shard, shard + 1), gradient, Tally.of(1, 1, random.nextDouble(), new double[] {1}));
    }

    private static PartialSum copy(PartialSum sum) {
        return sum == null ? null : new PartialSum(sum.span(), sum.gradient().clone(), sum.tally());
    }
}
