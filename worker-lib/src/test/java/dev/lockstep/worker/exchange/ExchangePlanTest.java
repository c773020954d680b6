package dev.lockstep.worker.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.worker.exchange.ExchangePlan.Slice;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.reduce.Span;
import dev.lockstep.worker.reduce.TreeSum;
import dev.lockstep.worker.tally.Tally;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExchangePlanTest {

    /** Slice by slice, at its owner, from what the executors send it: the bits of the one recursion over all shards. */
    @Property(tries = 30)
    void slicesAddUpToTheTree(
            @ForAll @IntRange(min = 1, max = 1024) int executors,
            @ForAll @IntRange(min = 1, max = 3) int tasksEach,
            @ForAll @IntRange(min = 1, max = 12) int parameters,
            @ForAll Random random) {
        int tasks = executors * tasksEach;
        int shards = tasks + random.nextInt(tasks + 1);
        ExchangePlan plan = new ExchangePlan(shards, scattered(tasks, executors, shards, random), parameters, 2);
        PartialSum[] leaves = leaves(shards, parameters, random);
        PartialSum expected = sum(new Span(0, shards), leaves);

        float[] actual = new float[parameters];
        Arrays.fill(actual, Float.NaN);
        double loss = 0;
        for (Slice slice : plan.slices()) {
            List<PartialSum> sent = new ArrayList<>();
            for (int executor = 0; executor < executors; executor++) {
                for (Span subtree : plan.subtrees(executor)) {
                    sent.add(sum(subtree, leaves));
                }
            }
            sent.removeIf(Objects::isNull);
            Collections.shuffle(sent, random);
            PartialSum whole = plan.tree()
                    .combine(sent, List.of(new Span(0, shards)), slice.from(), slice.to())
                    .get(0);
            System.arraycopy(whole.gradient(), slice.from(), actual, slice.from(), slice.length());
            loss = whole.tally().lossSum();
        }
        assertThat(actual).isEqualTo(expected.gradient());
        assertThat(loss).isEqualTo(expected.tally().lossSum());
    }

    @Property(tries = 200)
    void everyElementIsInOneSliceAndEveryShardInOneSubtree(
            @ForAll @IntRange(min = 1, max = 1024) int executors,
            @ForAll @IntRange(min = 1, max = 2_000_000) int parameters,
            @ForAll Random random) {
        int shards = executors + random.nextInt(3 * executors);
        ExchangePlan plan = new ExchangePlan(shards, scattered(executors, executors, shards, random), parameters, 2);
        int at = 0;
        int owner = 0;
        for (Slice slice : plan.slices()) {
            assertThat(slice.from()).isEqualTo(at);
            int most = executors == 1 ? parameters : ExchangePlan.SLICE_LENGTH; // nothing is sent
            assertThat(slice.length()).isBetween(1, most);
            assertThat(slice.owner()).isBetween(owner, executors - 1);
            at = slice.to();
            owner = slice.owner();
        }
        assertThat(at).isEqualTo(parameters);
        assertThat(IntStream.range(0, executors)
                        .mapToObj(plan::subtrees)
                        .flatMap(List::stream)
                        .flatMapToInt(subtree -> IntStream.range(subtree.from(), subtree.to()))
                        .sorted())
                .containsExactlyElementsOf(IntStream.range(0, shards).boxed().toList());
    }

    /** Cut where norms are summed; balanced all the same where every executor has eight chunks or more. */
    @Property(tries = 50)
    void slicesAreCutAtBorders(
            @ForAll @IntRange(min = 2, max = 100) int executors,
            @ForAll @IntRange(min = 500, max = 400_000) int block,
            @ForAll @IntRange(min = 1, max = 20) int blocks) {
        int parameters = Math.max(block * blocks, executors * (ExchangePlan.SLICE_LENGTH / 4));
        List<Integer> borders = new ArrayList<>(List.of(0));
        while (borders.get(borders.size() - 1) < parameters) {
            int at = borders.get(borders.size() - 1);
            borders.add(Math.min(parameters, Math.min(at + 4096, (at / block + 1) * block)));
        }
        ExchangePlan plan = new ExchangePlan(
                executors, inOrder(executors, executors, executors), parameters, 2, ExchangePlan.SLICE_LENGTH, borders);
        Set<Integer> allowed = new HashSet<>(borders);
        int at = 0;
        int owner = 0;
        for (Slice slice : plan.slices()) {
            assertThat(slice.from()).isEqualTo(at);
            assertThat(allowed.contains(slice.to())).isTrue();
            assertThat(slice.length()).isBetween(1, ExchangePlan.SLICE_LENGTH);
            assertThat(slice.owner()).isBetween(owner, owner + 1);
            at = slice.to();
            owner = slice.owner();
        }
        assertThat(at).isEqualTo(parameters);
        assertThat(owner).isEqualTo(executors - 1);
        long[] bytes = bytes(plan);
        double mean = Arrays.stream(bytes).average().orElseThrow();
        assertThat(Arrays.stream(bytes).max().orElseThrow() / mean).isLessThanOrEqualTo(1.1);
    }

    /** Tasks in their order over the executors, as Spark places them mostly; shards that need not divide evenly. */
    @Property(tries = 200)
    void noExecutorHasMuchMoreToSendThanTheOthers(
            @ForAll @IntRange(min = 2, max = 1024) int executors,
            @ForAll @IntRange(min = 1, max = 8) int shardsEach,
            @ForAll @IntRange(min = 0, max = 1023) int more,
            @ForAll @IntRange(min = 1, max = 100) int size) {
        int shards = executors * shardsEach + more % executors;
        ExchangePlan plan = new ExchangePlan(shards, inOrder(executors, executors, shards), size * 1_000_000, 2);
        long[] bytes = bytes(plan);
        double mean = Arrays.stream(bytes).average().orElseThrow();
        assertThat(Arrays.stream(bytes).max().orElseThrow() / mean).isLessThanOrEqualTo(1.1);
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 1, 0", "2, 4, 4, 4", "8, 8, 8, 56", "1024, 1024, 1024, 1047552"})
    void oneMessageForEachSliceToItsOwner(int executors, int shards, int slices, long messages) {
        ExchangePlan plan = new ExchangePlan(shards, inOrder(executors, executors, shards), 431_080, 2);
        assertThat(plan.slices()).hasSize(slices);
        assertThat((long) plan.slices().size() * (executors - 1)).isEqualTo(messages);
        assertThat(IntStream.range(0, executors).map(e -> plan.subtrees(e).size()))
                .allMatch(subtrees -> subtrees == 1);
    }

    /** Nothing is sent then: each task adds up one part. */
    @Test
    void anExecutorAloneHasASliceForEachTask() {
        ExchangePlan plan = new ExchangePlan(
                8, List.of(inOrder(3, 3, 8).stream().flatMap(List::stream).toList()), 10, 2);
        assertThat(plan.slices().stream().map(Slice::length)).containsExactly(3, 3, 4);
        assertThat(new ExchangePlan(8, plan.executors(), 2, 2).slices()).hasSize(2);
    }

    /** Two tasks in one executor whose shards are halves of one subtree send one sum, not two. */
    @Test
    void anExecutorSendsTheLargestSubtreesOfAllItsTasks() {
        List<List<Span>> placed = List.of(
                List.of(new Span(0, 2), new Span(2, 4), new Span(6, 7)), List.of(new Span(4, 6), new Span(7, 8)));
        ExchangePlan plan = new ExchangePlan(8, placed, 10, 2);
        assertThat(plan.subtrees(0)).containsExactly(new Span(0, 4), new Span(6, 7));
        assertThat(plan.subtrees(1)).containsExactly(new Span(4, 6), new Span(7, 8));
    }

    /** What each executor sends and receives in a step, without headers. */
    private static long[] bytes(ExchangePlan plan) {
        int executors = plan.executors().size();
        int[] subtrees =
                IntStream.range(0, executors).map(e -> plan.subtrees(e).size()).toArray();
        long all = Arrays.stream(subtrees).sum();
        long[] own = new long[executors];
        plan.slices().forEach(slice -> own[slice.owner()] += slice.length());
        long[] bytes = new long[executors];
        for (int e = 0; e < executors; e++) {
            long sent = subtrees[e] * (plan.parameters() - own[e]) + own[e] * (executors - 1);
            long received = own[e] * (all - subtrees[e]) + (plan.parameters() - own[e]);
            bytes[e] = Float.BYTES * (sent + received);
        }
        return bytes;
    }

    private static List<List<Span>> inOrder(int tasks, int executors, int shards) {
        List<List<Span>> placed = empty(executors);
        for (int task = 0; task < tasks; task++) {
            placed.get(task * executors / tasks).add(shardsOf(task, tasks, shards));
        }
        return placed;
    }

    /** As many tasks for each executor, but any. */
    private static List<List<Span>> scattered(int tasks, int executors, int shards, Random random) {
        List<Integer> order = new ArrayList<>(IntStream.range(0, tasks).boxed().toList());
        Collections.shuffle(order, random);
        List<List<Span>> placed = empty(executors);
        for (int i = 0; i < tasks; i++) {
            placed.get(i % executors).add(shardsOf(order.get(i), tasks, shards));
        }
        return placed;
    }

    private static List<List<Span>> empty(int executors) {
        List<List<Span>> placed = new ArrayList<>();
        for (int e = 0; e < executors; e++) {
            placed.add(new ArrayList<>());
        }
        return placed;
    }

    private static Span shardsOf(int task, int tasks, int shards) {
        return new Span((int) ((long) task * shards / tasks), (int) ((task + 1L) * shards / tasks));
    }

    private static PartialSum sum(Span subtree, PartialSum[] leaves) {
        return TreeSum.of(subtree, shard -> copy(leaves[shard]));
    }

    /** Magnitudes far apart, so that another order gives other bits; every fifth shard or so is empty, never all. */
    private static PartialSum[] leaves(int shards, int parameters, Random random) {
        PartialSum[] leaves = new PartialSum[shards];
        for (int shard = 0; shard < shards; shard++) {
            if (shard == 0 || random.nextInt(5) > 0) {
                float[] gradient = new float[parameters];
                for (int i = 0; i < parameters; i++) {
                    gradient[i] = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(9) - 4));
                }
                leaves[shard] = new PartialSum(
                        new Span(shard, shard + 1),
                        gradient,
                        Tally.of(2, random.nextDouble(), random.nextDouble(), new double[] {1}));
            }
        }
        return leaves;
    }

    private static PartialSum copy(PartialSum leaf) {
        return leaf == null ? null : new PartialSum(leaf.span(), leaf.gradient().clone(), leaf.tally());
    }
}
