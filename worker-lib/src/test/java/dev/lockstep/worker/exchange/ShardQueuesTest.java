package dev.lockstep.worker.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.worker.loop.OwnShards.Shard;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.reduce.Span;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ShardQueuesTest {
    private static final PlacedExamples SHARED = examples(true);
    private static final PlacedExamples PRIVATE = examples(false);

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
        assertThat(numbers(queues.of(2), 1)).containsExactly(5);
        Iterator<Shard> fast = queues.of(1);
        assertThat(numbers(fast, 3)).containsExactly(3, 4, 2);
        Shard next = fast.next();
        assertThat(next.number()).isEqualTo(8);
        assertThat(next.examples()).isSameAs(theirs);
        assertThat(numbers(queues.of(0), 9)).containsExactly(0, 1, 7, 6);
        assertThat(fast.hasNext()).isFalse();
        queues.refill();
        assertThat(numbers(queues.of(0), 99)).hasSize(9);
    }

    @Test
    void examplesThatCannotBeReadAreLeftAlone() {
        ShardQueues queues = new ShardQueues(Clock.SYSTEM, List.of(new Span(0, 1), new Span(1, 4), new Span(4, 6)));
        queues.hold(0, SHARED);
        queues.hold(1, PRIVATE);
        queues.hold(2, SHARED);
        assertThat(numbers(queues.of(0), 9)).containsExactly(0, 5, 4);
        assertThat(numbers(queues.of(1), 9)).containsExactly(1, 2, 3);
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
                    .mapToObj(task -> new Thread(() -> taken.addAll(numbers(queues.of(task), shards))))
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
