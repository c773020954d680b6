package dev.lockstep.worker.exchange;

import dev.lockstep.worker.reduce.ReductionTree;
import dev.lockstep.worker.reduce.Span;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Who adds up what in a step of a gang. The gradient is cut into slices, and each slice has an owner: every executor sends
 * the owner its subtrees' sums of that slice, the owner combines them along the tree and answers with the whole sum. A
 * pure function of what it is made of, so every executor works it out for itself.
 *
 * @param shards of a global batch, at least 1
 * @param executors for each executor the shards of its tasks; together each shard once
 * @param parameters the length of a gradient, at least 1
 * @param sums how many a tally has
 * @param sliceLength of a slice at most, where borders allow it
 * @param borders where executors' slices may begin and end, ascending, from 0 to {@code parameters}; empty for anywhere
 */
record ExchangePlan(
        int shards, List<List<Span>> executors, int parameters, int sums, int sliceLength, List<Integer> borders) {
    /** Half a MiB: small enough to combine one slice while the next one travels, large enough for few messages. */
    static final int SLICE_LENGTH = 1 << 17;

    ExchangePlan(int shards, List<List<Span>> executors, int parameters, int sums) {
        this(shards, executors, parameters, sums, SLICE_LENGTH, List.of());
    }

    /**
     * Elements {@code [from, to)} of the gradient.
     *
     * @param number its place in {@link #slices}
     * @param owner the executor that combines it
     */
    record Slice(int number, int owner, int from, int to) {
        int length() {
            return to - from;
        }
    }

    ReductionTree tree() {
        return new ReductionTree(shards);
    }

    /** The subtrees whose sums an executor sends, left to right: the largest that it holds all shards of. */
    List<Span> subtrees(int executor) {
        return tree().maximalSubtrees(executors.get(executor));
    }

    /**
     * All slices, in order of their elements; an executor may own several, or none; one that is alone has a slice for each of
     * its tasks. Executors with more subtrees than
     * others send more, and so own less: with p subtrees, the mean being m, and n executors, one sends and receives about
     * {@code p * parameters + own * n * (m + 1) + parameters} values a step, which is the same for all when
     * {@code own = parameters / n * (2m + 1 - p) / (m + 1)}.
     */
    List<Slice> slices() {
        double[] weights = new double[executors.size()];
        double mean = 0;
        for (int executor = 0; executor < weights.length; executor++) {
            weights[executor] = subtrees(executor).size();
            mean += weights[executor] / weights.length;
        }
        double all = 0;
        for (int executor = 0; executor < weights.length; executor++) {
            weights[executor] = Math.max(0, 2 * mean + 1 - weights[executor]);
            all += weights[executor];
        }
        List<Slice> slices = new ArrayList<>();
        double share = 0;
        int from = 0;
        for (int executor = 0; executor < weights.length; executor++) {
            share += weights[executor];
            int end = executor == weights.length - 1 ? parameters : nearest((int) (parameters * (share / all)));
            for (int tasks = executors.get(executor).size(); from < end; tasks--) {
                int left = end - from;
                int pieces = weights.length == 1
                        ? Math.max(1, Math.min(left, tasks))
                        : (left + sliceLength - 1) / sliceLength;
                int to = pieces == 1 ? end : Math.min(end, cut(from, from + left / pieces));
                slices.add(new Slice(slices.size(), executor, from, to));
                from = to;
            }
        }
        return slices;
    }

    private int nearest(int element) {
        int above = above(element);
        if (borders.isEmpty() || above == 0) {
            return element;
        }
        int below = borders.get(above - 1);
        return element - below < borders.get(above) - element ? below : borders.get(above);
    }

    /** The last border at an element or before it that is behind another element; if there is none, the next one. */
    private int cut(int behind, int element) {
        if (borders.isEmpty()) {
            return element;
        }
        int above = above(element);
        int exact = above < borders.size() && borders.get(above) == element ? above : above - 1;
        return borders.get(exact) > behind ? borders.get(exact) : borders.get(exact + 1);
    }

    /** The place of the first border that is at an element or behind it. */
    private int above(int element) {
        int found = Collections.binarySearch(borders, element);
        return found < 0 ? -found - 1 : found;
    }
}
