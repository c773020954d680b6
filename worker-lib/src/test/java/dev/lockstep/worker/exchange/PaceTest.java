package dev.lockstep.worker.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PaceTest {
    private static int[] deal(int[] equal, int[] tasks, double... speeds) {
        List<Pace> paces =
                Arrays.stream(speeds).mapToObj(speed -> new Pace(5, speed)).toList();
        return Pace.deal(equal, tasks, paces).orElse(equal);
    }

    @Test
    void bySpeed() {
        assertThat(deal(new int[] {8, 8}, new int[] {1, 1}, 10, 5)).containsExactly(11, 5); // 1.1 s, not 1.6 s
        assertThat(deal(new int[] {8, 8, 8}, new int[] {1, 1, 1}, 1, 1, 0.5)).containsExactly(10, 10, 4);
        assertThat(deal(new int[] {4, 4}, new int[] {2, 2}, 100, 1)).containsExactly(6, 2); // a shard for each task
    }

    @Test
    void equallyWhereLittleWouldBeGained() {
        assertThat(deal(new int[] {8, 8}, new int[] {1, 1}, 10, 9.5)).containsExactly(8, 8);
        assertThat(deal(new int[] {1, 1}, new int[] {1, 1}, 10, 1)).containsExactly(1, 1);
    }

    @Test
    void equallyUnlessAllAreKnownOfTheSameGang() {
        int[] equal = {8, 8};
        int[] tasks = {1, 1};
        assertThat(Pace.deal(equal, tasks, List.of(new Pace(5, 10), Pace.UNKNOWN)))
                .isEmpty();
        assertThat(Pace.deal(equal, tasks, List.of(new Pace(5, 10), new Pace(4, 1))))
                .isEmpty();
        assertThat(Pace.deal(equal, tasks, List.of(new Pace(5, 10), new Pace(5, 0))))
                .isEmpty();
        assertThat(Pace.deal(equal, tasks, List.of(Pace.UNKNOWN, Pace.UNKNOWN))).isEmpty();
    }

    /** 43 and 21 would be a little faster, and send seven sums for two. */
    @Test
    void bordersAreAlignedWhereThatCostsLittle() {
        assertThat(deal(new int[] {32, 32}, new int[] {1, 1}, 2, 1)).containsExactly(44, 20);
    }

    @Property(tries = 300)
    void allShardsAreDealtAndNobodyIsLaterThanBefore(
            @ForAll @IntRange(min = 1, max = 20) int executors, @ForAll Random random) {
        int[] tasks =
                IntStream.range(0, executors).map(any -> 1 + random.nextInt(4)).toArray();
        int[] equal =
                Arrays.stream(tasks).map(each -> each * (1 + random.nextInt(9))).toArray();
        List<Pace> paces = new ArrayList<>();
        for (int task : tasks) {
            paces.add(new Pace(3, task * (0.2 + random.nextDouble())));
        }
        int[] dealt = Pace.deal(equal, tasks, paces).orElse(equal);
        assertThat(Arrays.stream(dealt).sum()).isEqualTo(Arrays.stream(equal).sum());
        assertThat(IntStream.range(0, executors)).allMatch(executor -> dealt[executor] >= tasks[executor]);
        assertThat(slowest(dealt, paces)).isLessThanOrEqualTo(slowest(equal, paces));
    }

    private static double slowest(int[] shards, List<Pace> paces) {
        return IntStream.range(0, shards.length)
                .mapToDouble(executor -> shards[executor] / paces.get(executor).speed())
                .max()
                .orElseThrow();
    }
}
