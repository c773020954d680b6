package dev.lockstep.worker.feed;

import dev.lockstep.worker.plan.PlacedExamples;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.IntFunction;

/** What a task is sent, chunk by chunk: one is read when it is asked for, and forgotten when a later one is. */
final class StreamedExamples implements PlacedExamples {
    private final Chunks chunks;
    private final IntFunction<ShuffledExamples> read;
    private final TreeMap<Integer, ShuffledExamples> held = new TreeMap<>();

    /** @param read the task's share of a chunk */
    StreamedExamples(Chunks chunks, IntFunction<ShuffledExamples> read) {
        this.chunks = chunks;
        this.read = read;
    }

    @Override
    public List<byte[]> between(long from, long to) {
        if (from >= to) {
            return List.of();
        }
        int first = chunks.of(from);
        int last = chunks.of(to - 1);
        held.headMap(first).clear();
        held.tailMap(last, false).clear();
        if (first == last) {
            return held.computeIfAbsent(first, read::apply).between(from, to);
        }
        List<byte[]> found = new ArrayList<>();
        for (int chunk = first; chunk <= last; chunk++) {
            found.addAll(held.computeIfAbsent(chunk, read::apply).between(from, to));
        }
        return found;
    }
}
