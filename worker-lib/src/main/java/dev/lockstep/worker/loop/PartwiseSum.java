package dev.lockstep.worker.loop;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import dev.lockstep.worker.reduce.FloatArray;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.reduce.ReductionTree;
import dev.lockstep.worker.reduce.Span;
import dev.lockstep.worker.tally.Tally;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How the sums of tasks that never meet become one: each task cuts its sums into parts of their elements, one task adds up
 * all that there is of a part along the tree, and the parts are put together.
 */
public final class PartwiseSum {
    private PartwiseSum() {}

    /**
     * What a task tells besides its sums.
     *
     * @param arithmetic what computed them
     * @param seconds how long it computed
     */
    public record Told(int task, String arithmetic, double seconds) implements Serializable {}

    /**
     * A task's sums, of one part of their elements.
     *
     * @param part from 0
     */
    @DefaultSerializer(JavaSerializer.class)
    public record Share(int part, List<Piece> pieces, Told told) implements Serializable {}

    /** The whole sum, of one part of its elements; with what each task told, in the order of tasks. */
    @DefaultSerializer(JavaSerializer.class)
    public record Part(Piece sum, List<Told> told) implements Serializable {}

    /** Some elements of a partial sum on their way. */
    public record Piece(Span span, FloatArray gradient, Tally tally) implements Serializable {

        private static Piece of(PartialSum sum, int part, int parts) {
            long length = sum.gradient().length;
            float[] elements = Arrays.copyOfRange(
                    sum.gradient(), (int) (length * part / parts), (int) (length * (part + 1) / parts));
            return new Piece(sum.span(), FloatArray.of(elements), sum.tally());
        }

        private PartialSum sum() {
            return new PartialSum(span, gradient.values(), tally);
        }
    }

    static Stream<Share> cut(List<PartialSum> sums, int parts, Told told) {
        return IntStream.range(0, parts)
                .mapToObj(part -> new Share(
                        part,
                        sums.stream().map(sum -> Piece.of(sum, part, parts)).toList(),
                        told));
    }

    /**
     * Adds up a part.
     *
     * @param shards of a global batch
     * @param shares of that part, of all tasks, in any order
     */
    public static Part add(int shards, Iterator<Share> shares) {
        List<PartialSum> pieces = new ArrayList<>();
        List<Told> told = new ArrayList<>();
        shares.forEachRemaining(share -> {
            share.pieces().forEach(piece -> pieces.add(piece.sum()));
            told.add(share.told());
        });
        told.sort(Comparator.comparingInt(Told::task));
        return new Part(Piece.of(new ReductionTree(shards).combine(pieces), 0, 1), told);
    }

    /** @param parts all of them, in order */
    public static PartialSum joined(List<Part> parts) {
        Piece any = parts.get(0).sum();
        float[] gradient = FloatArray.joined(
                parts.stream().map(part -> part.sum().gradient()).toList());
        return new PartialSum(any.span(), gradient, any.tally());
    }
}
