package dev.lockstep.worker.reduce;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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

    /**
     * The largest subtrees inside some ranges together, which may touch or not; left to right. Of one range at most about
     * 2 log2(shards), one when it is aligned.
     */
    public List<Span> maximalSubtrees(List<Span> ranges) {
        BitSet held = new BitSet(root.to());
        ranges.forEach(range -> held.set(range.from(), range.to()));
        List<Span> found = new ArrayList<>();
        collect(root, held, found);
        return found;
    }

    private static void collect(Span node, BitSet held, List<Span> found) {
        if (held.nextClearBit(node.from()) >= node.to()) {
            found.add(node);
        } else if (!node.isLeaf()) {
            collect(node.left(), held, found);
            collect(node.right(), held, found);
        }
    }

    /** The nodes that a shard is in, from the root to its leaf. */
    List<Span> path(int shard) {
        List<Span> path = new ArrayList<>();
        Span node = root;
        path.add(node);
        while (!node.isLeaf()) {
            node = shard < node.left().to() ? node.left() : node.right();
            path.add(node);
        }
        return path;
    }

    /**
     * Adds up the whole tree from the pieces of all tasks.
     *
     * @param pieces sums of maximal subtrees, in any order; subtrees of empty shards are left out
     * @return null when there is no piece
     */
    public PartialSum combine(Iterable<PartialSum> pieces) {
        List<PartialSum> whole = combine(pieces, List.of(root), 0, Integer.MAX_VALUE);
        return whole.isEmpty() ? null : whole.get(0);
    }

    /**
     * Adds up some subtrees from pieces of them, and of the arrays only a part: others may do the rest meanwhile.
     *
     * @param pieces sums of subtrees of {@code subtrees}, in any order; subtrees of empty shards are left out
     * @param from the first element
     * @param to one past the last element; where the arrays end at the latest
     * @return one sum a subtree, right in elements {@code [from, to)}; subtrees of empty shards are left out
     */
    public List<PartialSum> combine(Iterable<PartialSum> pieces, List<Span> subtrees, int from, int to) {
        Map<Span, PartialSum> bySpan = new HashMap<>();
        for (PartialSum piece : pieces) {
            if (bySpan.put(piece.span(), piece) != null) {
                throw new IllegalArgumentException("two pieces for " + piece.span());
            }
        }
        List<PartialSum> sums = new ArrayList<>();
        for (Span subtree : subtrees) {
            PartialSum sum = combine(subtree, bySpan, from, to);
            if (sum != null) {
                sums.add(sum);
            }
        }
        if (!bySpan.isEmpty()) {
            throw new IllegalArgumentException("pieces that are no subtrees of " + subtrees + ": " + bySpan.keySet());
        }
        return sums;
    }

    private static PartialSum combine(Span node, Map<Span, PartialSum> pieces, int from, int to) {
        PartialSum piece = pieces.remove(node);
        if (piece != null || node.isLeaf()) {
            return piece;
        }
        return join(node, combine(node.left(), pieces, from, to), combine(node.right(), pieces, from, to), from, to);
    }

    static PartialSum join(Span node, PartialSum left, PartialSum right, int from, int to) {
        if (left == null) {
            return right;
        }
        return right == null ? left : left.add(node, right, from, Math.min(to, left.gradient().length));
    }
}
