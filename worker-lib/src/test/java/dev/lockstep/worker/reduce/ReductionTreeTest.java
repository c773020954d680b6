package dev.lockstep.worker.reduce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.worker.tally.Tally;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ReductionTreeTest {
    private static final int PARAMETERS = 5;

    /** What the tasks of any cluster send adds up to the bits that one recursion over all shards gives. */
    @Property(tries = 500)
    void sameBitsForEveryPlacement(@ForAll @IntRange(min = 1, max = 300) int shards, @ForAll Random random) {
        PartialSum[] leaves = leaves(shards, random);
        PartialSum expected = naive(0, shards, leaves);

        ReductionTree tree = new ReductionTree(shards);
        List<PartialSum> sent = new ArrayList<>();
        for (Span range : randomRanges(shards, random)) {
            for (Span subtree : tree.maximalSubtrees(List.of(range))) {
                sent.add(TreeSum.of(subtree, shard -> copy(leaves[shard])));
            }
        }
        sent.removeIf(Objects::isNull);
        Collections.shuffle(sent, random);
        PartialSum whole = tree.combine(sent);

        if (expected == null) {
            assertThat(whole).isNull();
        } else {
            assertThat(bits(whole)).isEqualTo(bits(expected));
            assertThat(whole.tally().lossSum()).isEqualTo(expected.tally().lossSum());
            assertThat(whole.tally().metrics()[0]).isEqualTo(expected.tally().metrics()[0]);
            assertThat(whole.examples()).isEqualTo(expected.examples());
            assertThat(whole.weight()).isEqualTo(expected.weight());
        }
    }

    /** The order matters for these numbers: without this the property above would prove nothing. */
    @Test
    void anotherOrderGivesOtherBits() {
        PartialSum[] leaves = leaves(64, new Random(1));
        PartialSum tree = naive(0, 64, leaves);
        PartialSum leftToRight = null;
        for (PartialSum leaf : leaves) {
            leftToRight = plus(leftToRight, leaf);
        }
        assertThat(bits(leftToRight)).isNotEqualTo(bits(tree));
    }

    /** (a + b) + c, not a + (b + c): 1e8 swallows 3 but not 6. */
    @Test
    void pinnedOrderOfThreeAndFive() {
        assertThat(sum(1e8f, 3f, 3f)).isEqualTo((1e8f + 3f) + 3f).isNotEqualTo(1e8f + (3f + 3f));
        assertThat(sum(3f, 3f, 1e8f)).isEqualTo((3f + 3f) + 1e8f).isNotEqualTo(3f + (3f + 1e8f));
        assertThat(sum(1e8f, 3f, 3f, 3f, 3f)).isEqualTo(((1e8f + 3f) + (3f + 3f)) + 3f);
        assertThat(sum(3f, 3f, 3f, 1e8f, 3f, 3f)).isEqualTo(((3f + 3f) + (3f + 1e8f)) + (3f + 3f));
    }

    @Property(tries = 500)
    void maximalSubtreesCoverTheRangeOnceAndAreFew(
            @ForAll @IntRange(min = 1, max = 300) int shards, @ForAll Random random) {
        ReductionTree tree = new ReductionTree(shards);
        int from = random.nextInt(shards);
        int to = from + 1 + random.nextInt(shards - from);
        List<Span> subtrees = tree.maximalSubtrees(List.of(new Span(from, to)));
        int at = from;
        for (Span subtree : subtrees) {
            assertThat(subtree.from()).isEqualTo(at);
            at = subtree.to();
        }
        assertThat(at).isEqualTo(to);
        assertThat(subtrees.size()).isLessThanOrEqualTo((int) (2 * Math.log(shards) / Math.log(2) + 2));
        // Largest: no two neighbours are the two halves of one node.
        for (int i = 1; i < subtrees.size(); i++) {
            Span parent = new Span(subtrees.get(i - 1).from(), subtrees.get(i).to());
            boolean halves = parent.left().equals(subtrees.get(i - 1))
                    && parent.right().equals(subtrees.get(i))
                    && isNode(new Span(0, shards), parent);
            assertThat(halves)
                    .as("%s and %s", subtrees.get(i - 1), subtrees.get(i))
                    .isFalse();
        }
    }

    @Test
    void alignedRangesAreOnePiece() {
        ReductionTree tree = new ReductionTree(8);
        assertThat(tree.maximalSubtrees(List.of(new Span(0, 8)))).containsExactly(new Span(0, 8));
        assertThat(tree.maximalSubtrees(List.of(new Span(4, 8)))).containsExactly(new Span(4, 8));
        assertThat(tree.maximalSubtrees(List.of(new Span(2, 4)))).containsExactly(new Span(2, 4));
        assertThat(tree.maximalSubtrees(List.of(new Span(1, 7))))
                .containsExactly(new Span(1, 2), new Span(2, 4), new Span(4, 6), new Span(6, 7));
        assertThat(new ReductionTree(6).maximalSubtrees(List.of(new Span(3, 6))))
                .containsExactly(new Span(3, 4), new Span(4, 6));
    }

    @Test
    void anEmptyShardIsAbsent() {
        PartialSum one = leaf(0, 1.5f);
        PartialSum sum = TreeSum.of(new Span(0, 4), shard -> shard == 2 ? leaf(2, -0f) : null);
        assertThat(Float.floatToRawIntBits(sum.gradient()[0])).isEqualTo(Float.floatToRawIntBits(-0f)); // not -0 + 0
        assertThat(TreeSum.of(new Span(0, 2), shard -> shard == 0 ? one : null).gradient()[0])
                .isEqualTo(1.5f);
        assertThat(TreeSum.of(new Span(0, 5), shard -> null)).isNull();
        assertThat(new ReductionTree(5).combine(List.of())).isNull();
    }

    @Test
    void countsAddUp() {
        PartialSum sum = new ReductionTree(3)
                .combine(List.of(
                        new PartialSum(new Span(2, 3), new float[] {4}, Tally.of(2, 0.5, 0.25, new double[] {1})),
                        new PartialSum(new Span(0, 2), new float[] {1}, Tally.of(5, 3, 1.5, new double[] {3}))));
        assertThat(sum.span()).isEqualTo(new Span(0, 3));
        assertThat(sum.gradient()).containsExactly(5);
        assertThat(sum.tally().lossSum()).isEqualTo(1.75);
        assertThat(sum.tally().metrics()[0]).isEqualTo(4);
        assertThat(sum.examples()).isEqualTo(7);
        assertThat(sum.weight()).isEqualTo(3.5);
    }

    @Test
    void refusesAPieceTwice() {
        assertThatThrownBy(() -> new ReductionTree(4).combine(List.of(leaf(1, 1), leaf(1, 1))))
                .hasMessageContaining("two pieces for Span[from=1, to=2]");
    }

    @Test
    void refusesOverlappingPieces() {
        PartialSum pair = new PartialSum(new Span(0, 2), new float[PARAMETERS], Tally.of(1, 1, 0, new double[] {0}));
        assertThatThrownBy(() -> new ReductionTree(4).combine(List.of(pair, leaf(1, 1))))
                .hasMessageContaining("Span[from=1, to=2]");
    }

    @Test
    void refusesAPieceThatIsNoSubtree() {
        PartialSum across = new PartialSum(new Span(1, 3), new float[PARAMETERS], Tally.of(1, 1, 0, new double[] {0}));
        assertThatThrownBy(() -> new ReductionTree(4).combine(List.of(leaf(0, 1), across, leaf(3, 1))))
                .hasMessageContaining("no subtrees")
                .hasMessageContaining("Span[from=1, to=3]");
        assertThatThrownBy(() -> new ReductionTree(4).combine(List.of(leaf(4, 1))))
                .hasMessageContaining("no subtrees");
    }

    private static float sum(float... values) {
        return TreeSum.of(new Span(0, values.length), shard -> leaf(shard, values[shard]))
                .gradient()[0];
    }

    /** The definition, word for word; m is found by counting up. */
    private static PartialSum naive(int a, int b, PartialSum[] leaves) {
        if (b == a + 1) {
            return leaves[a];
        }
        int power = 1;
        while (power * 2 < b - a) {
            power *= 2;
        }
        return plus(naive(a, a + power, leaves), naive(a + power, b, leaves));
    }

    private static PartialSum plus(PartialSum left, PartialSum right) {
        if (left == null || right == null) {
            return left == null ? right : left;
        }
        float[] sum = new float[PARAMETERS];
        for (int i = 0; i < PARAMETERS; i++) {
            sum[i] = left.gradient()[i] + right.gradient()[i];
        }
        return new PartialSum(
                left.span(),
                sum,
                Tally.of(
                        left.examples() + right.examples(),
                        left.weight() + right.weight(),
                        left.tally().lossSum() + right.tally().lossSum(),
                        new double[] {left.tally().metrics()[0] + right.tally().metrics()[0]}));
    }

    private static boolean isNode(Span node, Span wanted) {
        return node.equals(wanted)
                || (node.from() <= wanted.from()
                        && wanted.to() <= node.to()
                        && !node.isLeaf()
                        && (isNode(node.left(), wanted) || isNode(node.right(), wanted)));
    }

    /** Random tasks: cuts anywhere, so some are aligned, most are not. */
    private static List<Span> randomRanges(int shards, Random random) {
        List<Span> ranges = new ArrayList<>();
        int longest = 1 + random.nextInt(shards);
        for (int from = 0; from < shards; ) {
            int to = Math.min(shards, from + 1 + random.nextInt(longest));
            ranges.add(new Span(from, to));
            from = to;
        }
        return ranges;
    }

    /** Magnitudes from 1e-20 to 1e20, both signs, and no example at all in about every fifth shard. */
    private static PartialSum[] leaves(int shards, Random random) {
        PartialSum[] leaves = new PartialSum[shards];
        for (int shard = 0; shard < shards; shard++) {
            if (random.nextInt(5) > 0) {
                float[] gradient = new float[PARAMETERS];
                for (int i = 0; i < PARAMETERS; i++) {
                    gradient[i] = (float) (random.nextGaussian() * Math.pow(10, i == 0 ? 0 : random.nextInt(41) - 20));
                }
                double loss = random.nextDouble() * Math.pow(10, random.nextInt(21) - 10);
                double[] correct = {random.nextInt(10)};
                leaves[shard] = new PartialSum(
                        new Span(shard, shard + 1),
                        gradient,
                        Tally.of(1 + random.nextInt(10), random.nextDouble(), loss, correct));
            }
        }
        return leaves;
    }

    private static PartialSum leaf(int shard, float value) {
        float[] gradient = new float[PARAMETERS];
        Arrays.fill(gradient, value);
        return new PartialSum(new Span(shard, shard + 1), gradient, Tally.of(1, 1, 0, new double[] {0}));
    }

    private static PartialSum copy(PartialSum leaf) {
        return leaf == null ? null : new PartialSum(leaf.span(), leaf.gradient().clone(), leaf.tally());
    }

    private static int[] bits(PartialSum sum) {
        int[] bits = new int[sum.gradient().length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Float.floatToRawIntBits(sum.gradient()[i]);
        }
        return bits;
    }
}
