package dev.lockstep.worker.exchange;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * In which order tasks take the parts of a batch. Spark deals the ranks of a stage round over the executors; an executor
 * that held every n-th part would have to send a sum for each of them instead of one for all.
 */
public final class Seating {
    private Seating() {}

    /**
     * The order in which neighbouring parts are in one executor.
     *
     * @param executors of each task, by rank
     * @return of each part, in order, the rank of the task that takes it
     */
    public static List<Integer> byExecutor(List<String> executors) {
        Map<String, List<Integer>> ranks = new LinkedHashMap<>();
        for (int rank = 0; rank < executors.size(); rank++) {
            ranks.computeIfAbsent(executors.get(rank), any -> new ArrayList<>()).add(rank);
        }
        return ranks.values().stream().flatMap(List::stream).toList();
    }
}
