package dev.lockstep.worker.step;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Idle networks of this JVM, kept because building one costs more than a step. A task takes one, uses it alone and gives
 * it back. What the last user left in it is still there.
 *
 * @param <K> what tells one kind from another; only the kinds used last are kept
 */
final class Pool<K, T> {
    private static final int KINDS_KEPT = 4;

    private final Function<K, T> builder;
    private final Map<K, Deque<T>> idle = new LinkedHashMap<>(16, 0.75f, true);

    Pool(Function<K, T> builder) {
        this.builder = builder;
    }

    /** Runs work with an object that nobody else has. One whose work failed is dropped, not given back. */
    <R> R with(K kind, Function<T, R> work) {
        T taken = take(kind);
        if (taken == null) {
            taken = builder.apply(kind);
        }
        R result = work.apply(taken);
        give(kind, taken);
        return result;
    }

    private synchronized T take(K kind) {
        Deque<T> of = idle.get(kind);
        return of == null ? null : of.poll();
    }

    private synchronized void give(K kind, T object) {
        idle.computeIfAbsent(kind, k -> new ArrayDeque<>()).push(object);
        if (idle.size() > KINDS_KEPT) {
            idle.remove(idle.keySet().iterator().next());
        }
    }
}
