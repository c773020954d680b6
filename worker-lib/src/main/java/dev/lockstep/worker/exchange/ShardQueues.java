package dev.lockstep.worker.exchange;

import dev.lockstep.worker.loop.OwnShards;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.reduce.Span;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntPredicate;

/**
 * Who computes which shard of a step, of the tasks in one JVM: each takes its own from left to right; when there are none
 * left, it takes over the last ones of whoever has most left (work stealing: a slow core holds up nobody but for its last
 * shard). A task whose examples others can't read keeps all of its own.
 */
final class ShardQueues {
    private static final int NONE = -1;
    private static final long TELLING_NANOS = 100_000_000;

    private final List<Span> own;
    /** Of each task, what nobody has begun: {@code from << 32 | to}. */
    private final AtomicLongArray left;

    private final AtomicReferenceArray<PlacedExamples> examples;

    private final Clock clock;
    /** Of each task, in all steps: what it computed, and how long. */
    private final AtomicLongArray computed;

    private final AtomicLongArray nanos;

    /** @param own the shards of each task */
    ShardQueues(Clock clock, List<Span> own) {
        this.clock = clock;
        this.computed = new AtomicLongArray(own.size());
        this.nanos = new AtomicLongArray(own.size());
        this.own = own;
        this.left = new AtomicLongArray(own.size());
        this.examples = new AtomicReferenceArray<>(own.size());
        refill();
    }

    /** Takes note of where a task's examples are, before anybody computes. */
    void hold(int task, PlacedExamples of) {
        examples.set(task, of);
    }

    /** Before the next step: everybody's shards are to be computed again. Nobody takes any meanwhile. */
    void refill() {
        for (int task = 0; task < own.size(); task++) {
            left.set(task, queue(own.get(task).from(), own.get(task).to()));
        }
    }

    /** The examples of a task's shards; null when it gave up before it had any. */
    PlacedExamples examples(int task) {
        return examples.get(task);
    }

    /**
     * What a task computes of this step.
     *
     * @param kept which shards nobody takes over
     */
    Iterator<OwnShards.Shard> of(int task, IntPredicate kept) {
        return new Iterator<>() {
            private OwnShards.Shard next;
            private boolean computing;
            private long began;

            @Override
            public boolean hasNext() {
                if (next == null) {
                    count();
                    next = takeFrom(task, kept);
                }
                return next != null;
            }

            private void count() {
                long now = clock.nanos();
                if (computing) {
                    computed.addAndGet(task, 1);
                    nanos.addAndGet(task, now - began);
                }
                computing = true;
                began = now;
            }

            @Override
            public OwnShards.Shard next() {
                if (!hasNext()) {
                    throw new NoSuchElementException("nothing is left of this step");
                }
                OwnShards.Shard taken = next;
                next = null;
                return taken;
            }
        };
    }

    /** How many shards all tasks together compute in a second, while they compute; 0 when that was too short to tell. */
    double speed() {
        double speed = 0;
        for (int task = 0; task < own.size(); task++) {
            if (nanos.get(task) < TELLING_NANOS) {
                return 0;
            }
            speed += computed.get(task) * 1e9 / nanos.get(task);
        }
        return speed;
    }

    private OwnShards.Shard takeFrom(int task, IntPredicate kept) {
        int shard = takeFirst(task);
        int owner = task;
        while (shard == NONE) {
            owner = mostLeft(kept);
            if (owner == NONE) {
                return null;
            }
            shard = takeLast(owner, kept);
        }
        return new OwnShards.Shard(shard, examples.get(owner));
    }

    /** Of those whose examples can be read; not of one that gave up before the others of its JVM had come. */
    private int mostLeft(IntPredicate kept) {
        int most = 0;
        int found = NONE;
        for (int task = 0; task < own.size(); task++) {
            long queue = left.get(task);
            PlacedExamples of = examples.get(task);
            if (to(queue) - from(queue) > most && of != null && of.shared() && !kept.test(to(queue) - 1)) {
                most = to(queue) - from(queue);
                found = task;
            }
        }
        return found;
    }

    private int takeFirst(int task) {
        while (true) {
            long queue = left.get(task);
            int first = from(queue);
            if (first == to(queue)) {
                return NONE;
            }
            if (left.compareAndSet(task, queue, queue(first + 1, to(queue)))) {
                return first;
            }
        }
    }

    private int takeLast(int task, IntPredicate kept) {
        while (true) {
            long queue = left.get(task);
            int last = to(queue) - 1;
            if (last < from(queue) || kept.test(last)) {
                return NONE;
            }
            if (left.compareAndSet(task, queue, queue(from(queue), last))) {
                return last;
            }
        }
    }

    private static long queue(int from, int to) {
        return (long) from << Integer.SIZE | to;
    }

    private static int from(long queue) {
        return (int) (queue >> Integer.SIZE);
    }

    private static int to(long queue) {
        return (int) queue;
    }
}
