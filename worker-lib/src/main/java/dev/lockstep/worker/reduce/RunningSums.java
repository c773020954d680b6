package dev.lockstep.worker.reduce;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Sums of shards that come one by one, in any order: two that make up a node of the tree become one at once, so that few
 * arrays are held. The sums are the same bits in whichever order the shards come.
 */
public final class RunningSums {
    private final ReductionTree tree;
    private final Consumer<PartialSum> spent;
    /** What is known of a node; null when all of its shards are empty. */
    private final Map<Span, PartialSum> sums = new HashMap<>();

    /** @param spent told of each sum whose array is not needed any more */
    public RunningSums(ReductionTree tree, Consumer<PartialSum> spent) {
        this.tree = tree;
        this.spent = spent;
    }

    /** @param sum a shard's, or null when the shard is empty */
    public void add(int shard, PartialSum sum) {
        List<Span> path = path(shard);
        add(path, path.size() - 1, sum);
    }

    /**
     * Adds a shard that may be added to another sum at once, without an array of its own.
     *
     * @param leaf given the sum that the tree adds the shard's to first, if that is here already, else null; gives the two
     *     together then, in the first one's array, else the shard's own; null when the shard is empty, and nothing was added
     */
    public void addOnto(int shard, UnaryOperator<PartialSum> leaf) {
        List<Span> path = path(shard);
        int own = path.size() - 1;
        Span parent = own == 0 ? null : path.get(own - 1);
        PartialSum left = parent != null && parent.right().equals(path.get(own)) ? sums.get(parent.left()) : null;
        PartialSum sum = leaf.apply(left);
        if (left != null && sum != null) {
            sums.remove(parent.left());
            add(path, own - 1, new PartialSum(parent, sum.gradient(), sum.tally()));
        } else {
            add(path, own, sum);
        }
    }

    private List<Span> path(int shard) {
        List<Span> path = tree.path(shard);
        if (path.stream().anyMatch(sums::containsKey)) {
            throw new IllegalArgumentException("shard " + shard + " comes twice");
        }
        return path;
    }

    /** @param at where on the path what it is the sum of is */
    private void add(List<Span> path, int at, PartialSum sum) {
        Span node = path.get(at);
        PartialSum of = sum;
        for (int i = at - 1; i >= 0; i--) {
            Span parent = path.get(i);
            boolean isLeft = node.from() == parent.from();
            Span sibling = isLeft ? parent.right() : parent.left();
            if (!sums.containsKey(sibling)) {
                break;
            }
            PartialSum other = sums.remove(sibling);
            PartialSum left = isLeft ? of : other;
            PartialSum right = isLeft ? other : of;
            of = ReductionTree.join(parent, left, right, 0, Integer.MAX_VALUE);
            if (left != null && right != null) {
                spent.accept(right);
            }
            node = parent;
        }
        sums.put(node, of);
    }

    /** The sums of the largest subtrees whose shards all came, in any order; those of empty shards are left out. */
    public List<PartialSum> all() {
        List<PartialSum> all = new ArrayList<>(sums.values());
        all.removeIf(Objects::isNull);
        return all;
    }
}
