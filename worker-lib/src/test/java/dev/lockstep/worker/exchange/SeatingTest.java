package dev.lockstep.worker.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.worker.reduce.ReductionTree;
import dev.lockstep.worker.reduce.Span;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SeatingTest {

    @Test
    void neighboursAreInOneExecutor() {
        assertThat(Seating.byExecutor(List.of("b", "a", "b", "a", "c"))).containsExactly(0, 2, 1, 3, 4);
        assertThat(Seating.byExecutor(List.of("driver", "driver"))).containsExactly(0, 1);
    }

    /** Eight executors of 16 cores, ranks dealt round robin as Spark does: each sends the one sum that it could. */
    @Test
    void anExecutorSendsOneSumHoweverItsRanksWereDealt() {
        List<String> dealt =
                IntStream.range(0, 128).mapToObj(rank -> "executor " + rank % 8).toList();
        List<Span> parts =
                IntStream.range(0, 128).mapToObj(i -> new Span(i, i + 1)).toList();
        List<Pace> unknown = Collections.nCopies(128, Pace.UNKNOWN);
        Gang free = new Gang(1, Secret.random(), 128, parts, null, 1, Audit.NONE, 0);
        Gang fixed = new Gang(
                2, Secret.random(), 128, parts, IntStream.range(0, 128).boxed().toList(), 1, Audit.NONE, 0);
        assertThat(mostBytesSent(dealt, free.shards(dealt, unknown))).isBetween(70_000_000L, 70_100_000L);
        assertThat(mostBytesSent(dealt, fixed.shards(dealt, unknown))).isBetween(590_000_000L, 600_000_000L);
        List<Integer> order = Seating.byExecutor(dealt);
        assertThat(new Gang(3, Secret.random(), 128, parts, order, 1, Audit.NONE, 0).shards(dealt, unknown))
                .isEqualTo(free.shards(dealt, unknown));
    }

    /** Twice as fast, twice as many, in ranges that follow each other; the tasks of an executor share its range. */
    @Test
    void aSlowExecutorTakesFewerShards() {
        List<Span> parts = List.of(new Span(0, 8), new Span(8, 16), new Span(16, 24), new Span(24, 32));
        Gang gang = new Gang(9, Secret.random(), 32, parts, null, 1, Audit.NONE, 0);
        List<String> dealt = List.of("a", "b", "a", "b");
        Pace fast = new Pace(8, 30);
        Pace slow = new Pace(8, 10);
        assertThat(gang.shards(dealt, List.of(fast, slow, fast, slow)))
                .containsExactly(new Span(0, 12), new Span(24, 28), new Span(12, 24), new Span(28, 32));
        assertThat(gang.shards(dealt, List.of(fast, fast, fast, fast)))
                .containsExactly(new Span(0, 8), new Span(16, 24), new Span(8, 16), new Span(24, 32));
        List<Integer> fixed = Seating.byExecutor(dealt); // where examples were sent to tasks, each has its own
        assertThat(new Gang(10, Secret.random(), 32, parts, fixed, 1, Audit.NONE, 0)
                        .shards(dealt, List.of(fast, slow, fast, slow)))
                .containsExactly(new Span(0, 8), new Span(16, 24), new Span(8, 16), new Span(24, 32));
    }

    private static long mostBytesSent(List<String> executors, List<Span> shards) {
        List<List<Span>> held = new ArrayList<>();
        for (String executor : executors.stream().distinct().toList()) {
            held.add(IntStream.range(0, shards.size())
                    .filter(rank -> executors.get(rank).equals(executor))
                    .mapToObj(shards::get)
                    .toList());
        }
        assertThat(new ReductionTree(shards.size()).maximalSubtrees(shards)).hasSize(1);
        return Traffic.of(shards.size(), held, 10_000_000).stream()
                .mapToLong(Traffic::bytesSent)
                .max()
                .orElseThrow();
    }
}
