package dev.lockstep.worker.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.worker.reduce.ReductionTree;
import dev.lockstep.worker.reduce.Span;
import java.util.ArrayList;
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
        Gang free = new Gang(1, Secret.random(), 128, parts, null, 1);
        Gang fixed = new Gang(
                2, Secret.random(), 128, parts, IntStream.range(0, 128).boxed().toList(), 1);
        assertThat(mostBytesSent(dealt, free.shards(dealt))).isBetween(70_000_000L, 70_100_000L);
        assertThat(mostBytesSent(dealt, fixed.shards(dealt))).isBetween(590_000_000L, 600_000_000L);
        List<Integer> order = Seating.byExecutor(dealt);
        assertThat(new Gang(3, Secret.random(), 128, parts, order, 1).shards(dealt))
                .isEqualTo(free.shards(dealt));
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
