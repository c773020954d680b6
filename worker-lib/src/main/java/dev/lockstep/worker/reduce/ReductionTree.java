package dev.lockstep.worker.reduce;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * The one order in which the shards of a step are added up. Float addition is not associative, so the order is part of
 * the result:
 *
 * <pre>
 *   tree(a, b) = g[a]                       when b = a + 1
 *   tree(a, b) = tree(a, m) + tree(m, b)    otherwise, m = a + the largest power of two below b - a
 * </pre>
 *
 * An empty shard is absent: x + absent = x. Whoever holds a range of shards adds up each maximal subtree inside it;
 * the rest of the additions happen where the pieces meet, and the sum is the same bits for every placement.
 */
public final class ReductionTree {
    private final Span root;

    /** @param shards the number of leaves, at least 1 */
    public ReductionTree(int shards) {
        this.root = new Span(0, shards);
    }

    /** The largest subtrees inside a range, left to right: at most about 2 log2(shards), one when ranges are aligned. */
    public List<Span> maximalSubtrees(Span range) {
        List<Span> found = new ArrayList<>();
        collect(root, range, found);
        return found;
    }

    private static void collect(Span node, Span range, List<Span> found) {
        if (node.within(range)) {
            found.add(node);
        } else if (node.overlaps(range)) {
            collect(node.left(), range, found);
            collect(node.right(), range, found);
        }
    }

    /**
     * Adds up a subtree, asking for its leaves from left to right.
     *
     * @param leaf gives a shard's sum, or null when the shard is empty
     * @return null when every shard of the subtree is empty
     */
    public static PartialSum sum(Span subtree, IntFunction<PartialSum> leaf) {
        if (subtree.isLeaf()) {
            return leaf.apply(subtree.from());
        }
        return join(subtree, sum(subtree.left(), leaf), sum(subtree.right(), leaf));
    }

    /**
     * Adds up the whole tree from the pieces of all tasks.
     *
     * @param pieces sums of maximal subtrees, in any order; subtrees of empty shards are left out
     * @return null when there is no piece
     */
    public PartialSum combine(Iterable<PartialSum> pieces) {
        Map<Span, PartialSum> bySpan = new HashMap<>();
        for (PartialSum piece : pieces) {
            if (bySpan.put(piece.span(), piece) != null) {
                throw new IllegalArgumentException("two pieces for " + piece.span());
            }
        }
        PartialSum whole = combine(root, bySpan);
        if (!bySpan.isEmpty()) {
            throw new IllegalArgumentException("pieces that are no subtrees of " + root + ": " + bySpan.keySet());
        }
        return whole;
    }

    private static PartialSum combine(Span node, Map<Span, PartialSum> pieces) {
        PartialSum piece = pieces.remove(node);
        if (piece != null || node.isLeaf()) {
            return piece;
        }
        return join(node, combine(node.left(), pieces), combine(node.right(), pieces));
    }

    private static PartialSum join(Span node, PartialSum left, PartialSum right) {
        if (left == null) {
            return right;
        }
        return right == null ? left : left.add(node, right);
    }
}
