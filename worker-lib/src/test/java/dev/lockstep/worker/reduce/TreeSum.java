package dev.lockstep.worker.reduce;

import java.util.function.IntFunction;

/** The tree as its definition has it, shard after shard: what every other order of adding must come to, too. */
public final class TreeSum {
    private TreeSum() {}

    /**
     * @param leaf gives a shard's sum, or null when the shard is empty; asked from left to right
     * @return null when every shard of the subtree is empty
     */
    public static PartialSum of(Span subtree, IntFunction<PartialSum> leaf) {
        if (subtree.isLeaf()) {
            return leaf.apply(subtree.from());
        }
        return ReductionTree.join(subtree, of(subtree.left(), leaf), of(subtree.right(), leaf), 0, Integer.MAX_VALUE);
    }
}
