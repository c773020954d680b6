package dev.lockstep.worker.exchange;

import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.reduce.ReductionTree;
import dev.lockstep.worker.reduce.Span;
import dev.lockstep.worker.tally.Tally;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * The sums of all subtrees of one slice, wherever they lie, to be added up along the tree: a tile at a time, so that each value comes
 * from memory once and the rest happens in the first cache.
 */
record SliceParts(ReductionTree tree, List<Part> parts) {
    private static final int TILE = 2048; // values, 8 KB for each part

    /**
     * The sum of a subtree.
     *
     * @param values those of the slice
     */
    record Part(Span span, Tally tally, FloatBuffer values) {
        /** Of a sum whose array holds the slice from an element on. */
        static Part of(PartialSum sum, int from, int length) {
            return new Part(
                    sum.span(),
                    sum.tally(),
                    FloatBuffer.wrap(sum.gradient(), from, length).slice());
        }

        /** One whose values stay as long as an array does. */
        Part copy(float[] into) {
            values.get(0, into);
            return new Part(span, tally, FloatBuffer.wrap(into));
        }
    }

    /** Writes values of an array into a message. */
    static void put(ByteBuffer message, float[] values, int from, int length) {
        message.asFloatBuffer().put(values, from, length);
        message.position(message.position() + length * Float.BYTES);
    }

    /**
     * Adds up all parts.
     *
     * @param into takes the sum, from one element on
     * @param length of the slice
     * @return what was tallied in all of them
     */
    Tally addUp(float[] into, int from, int length) {
        List<PartialSum> tiles = parts.stream()
                .map(part -> new PartialSum(part.span(), new float[Math.min(TILE, length)], part.tally()))
                .toList();
        Tally tally = null;
        for (int at = 0; at < length; at += TILE) {
            int count = Math.min(TILE, length - at);
            for (int i = 0; i < tiles.size(); i++) {
                parts.get(i).values().get(at, tiles.get(i).gradient(), 0, count);
            }
            PartialSum whole = tree.combine(tiles);
            System.arraycopy(whole.gradient(), 0, into, from + at, count);
            tally = whole.tally();
        }
        return tally;
    }
}
