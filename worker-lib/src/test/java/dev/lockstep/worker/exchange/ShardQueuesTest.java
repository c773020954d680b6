package dev.lockstep.worker.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.worker.loop.OwnShards.Shard;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.reduce.Span;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ShardQueuesTest {
    private static final PlacedExamples SHARED = examples(true);
    private static final PlacedExamples PRIVATE = examples(false);
    private static final IntPredicate NONE_KEPT = shard -> false;

    private static PlacedExamples examples(boolean shared) {
        return new PlacedExamples() {
            @Override
            public List<byte[]> between(long from, long to) {
                return List.of();
            }

            @Override
            public boolean shared() {
                return shared;
            }
        };
    }

    private static List<Integer> numbers(Iterator<Shard> shards, int most) {
        List<Integer> numbers = new ArrayList<>();
        while (numbers.size() < most && shards.hasNext()) {
            numbers.add(shards.next().number());
        }
        return numbers;
    }

    /** Its own from the left, then the last ones of whoever has most left; with their examples. */
    @Test
    void whoIsDoneTakesOver() {
        PlacedExamples theirs = examples(true);
        ShardQueues queues = new ShardQueues(Clock.SYSTEM, List.of(new Span(0, 3), new Span(3, 5), new Span(5, 9)));
        queues.hold(0, SHARED);
        queues.hold(1, SHARED);
        queues.hold(2, theirs);
        assertThat(numbers(queues.of(2, NONE_KEPT), 1)).containsExactly(5);
        Iterator<Shard> fast = queues.of(1, NONE_KEPT);
        assertThat(numbers(fast, 3)).containsExactly(3, 4, 2);
        Shard next = fast.next();
        assertThat(next.number()).isEqualTo(8);
        assertThat(next.examples()).isSameAs(theirs);
        assertThat(numbers(queues.of(0, NONE_KEPT), 9)).containsExactly(0, 1, 7, 6);
        assertThat(fast.hasNext()).isFalse();
        queues.refill();
        assertThat(numbers(queues.of(0, NONE_KEPT), 99)).hasSize(9);
    }

    @Test
    void examplesThatCannotBeReadAreLeftAlone() {
        ShardQueues queues = new ShardQueues(Clock.SYSTEM, List.of(new Span(0, 1), new Span(1, 4), new Span(4, 6)));
        queues.hold(0, SHARED);
        queues.hold(1, PRIVATE);
        queues.hold(2, SHARED);
        assertThat(numbers(queues.of(0, NONE_KEPT), 9)).containsExactly(0, 5, 4);
        assertThat(numbers(queues.of(1, NONE_KEPT), 9)).containsExactly(1, 2, 3);
    }

    /** Two different tasks are to compute a shard that is audited: the one that it was dealt to, and its auditor. */
    @Test
    void whatIsKeptIsNotTakenOver() {
        ShardQueues queues = new ShardQueues(Clock.SYSTEM, List.of(new Span(0, 1), new Span(1, 5), new Span(5, 7)));
        for (int task = 0; task < 3; task++) {
            queues.hold(task, SHARED);
        }
        IntPredicate kept = shard -> shard == 3 || shard == 6;
        assertThat(numbers(queues.of(0, kept), 9)).containsExactly(0, 4);
        assertThat(numbers(queues.of(2, kept), 9)).containsExactly(5, 6);
        assertThat(numbers(queues.of(1, kept), 9)).containsExactly(1, 2, 3);
    }

    @Test
    void tellsHowFastAllTogetherAre() {
        AtomicLong now = new AtomicLong(-7_000_000_000L); // a clock may say anything
        ShardQueues queues = new ShardQueues(clock(now), List.of(new Span(0, 2), new Span(2, 3)));
        queues.hold(0, PRIVATE);
        queues.hold(1, PRIVATE);
        compute(queues.of(0, NONE_KEPT), now, 40_000_000);
        compute(queues.of(1, NONE_KEPT), now, 200_000_000);
        assertThat(queues.speed()).as("80 ms are too short to tell").isZero();
        queues.refill();
        compute(queues.of(0, NONE_KEPT), now, 80_000_000);
        compute(queues.of(1, NONE_KEPT), now, 300_000_000);
        assertThat(queues.speed()).isEqualTo(4 / 0.24 + 2 / 0.5);
    }

    private static void compute(Iterator<Shard> shards, AtomicLong now, long nanosEach) {
        while (shards.hasNext()) {
            shards.next();
            now.addAndGet(nanosEach);
        }
        now.addAndGet(1_000_000_000); // what a task waits for the others does not count
    }

    private static Clock clock(AtomicLong now) {
        return new Clock() {
            @Override
            public long nanos() {
                return now.get();
            }

            @Override
            public boolean await(Object lock, BooleanSupplier condition, long millis) {
                throw new IllegalStateException("nobody waits here");
            }

            @Override
            public void spin(int threads, BooleanSupplier condition) {
                throw new IllegalStateException("nobody waits here");
            }
        };
    }

    /** However the threads fall, each shard is computed once. */
    @Test
    @Timeout(60)
    void eachShardOnce() throws Exception {
        int tasks = 4;
        int shards = 64;
        ShardQueues queues = new ShardQueues(
                Clock.SYSTEM,
                IntStream.range(0, tasks)
                        .mapToObj(task -> new Span(16 * task, 16 * (task + 1)))
                        .toList());
        IntStream.range(0, tasks).forEach(task -> queues.hold(task, SHARED));
        for (int round = 0; round < 500; round++) {
            List<Integer> taken = Collections.synchronizedList(new ArrayList<>());
            List<Thread> threads = IntStream.range(0, tasks)
                    .mapToObj(task -> new Thread(() -> taken.addAll(numbers(queues.of(task, NONE_KEPT), shards))))
                    .toList();
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(taken.stream().sorted().toList())
                    .isEqualTo(IntStream.range(0, shards).boxed().toList());
            queues.refill();
        }
    }
}
