package dev.lockstep.driver.keras;

import java.util.ArrayList;
import java.util.List;

/**
 * What is behind a layer of Keras. Images are {@code [channels, height, width]} here and {@code [height, width, channels]} there, so
 * that the values of a vector that was flattened are in another order.
 *
 * @param node what it is called in our network
 * @param sizes of an image, {@code [height, width, channels]}; of a vector, or of a step of a sequence, its length
 * @param hasTime whether it is a sequence
 * @param pieces of a vector: what was put side by side, each a flattened image or, of one size, values in our order
 */
record KerasValue(String node, List<Integer> sizes, boolean hasTime, List<List<Integer>> pieces) {

    static KerasValue of(String node, List<Integer> sizes, boolean hasTime) {
        return new KerasValue(node, sizes, hasTime, List.of(List.of(sizes.get(sizes.size() - 1))));
    }

    boolean isImage() {
        return sizes.size() == 3;
    }

    boolean isVector() {
        return sizes.size() == 1 && !hasTime;
    }

    /** The length of a vector, or of a step; the channels of an image. */
    int channels() {
        return sizes.get(sizes.size() - 1);
    }

    /** The same behind a layer that changes no shape. */
    KerasValue at(String other) {
        return new KerasValue(other, sizes, hasTime, pieces);
    }

    /** An image as a vector. */
    KerasValue flat(String other) {
        int pixels = sizes.get(0) * sizes.get(1);
        boolean ordered = pixels == 1 || channels() == 1;
        List<Integer> length = List.of(pixels * channels());
        return new KerasValue(other, length, false, List.of(ordered ? length : sizes));
    }

    /** Whether Keras's values are in our order. */
    boolean isOrdered() {
        return pieces.stream().allMatch(piece -> piece.size() == 1);
    }

    /** Keras's place of a value of ours. */
    int place(int ours) {
        int from = 0;
        for (List<Integer> piece : pieces) {
            int length = piece.stream().reduce(1, (a, b) -> a * b);
            if (ours < from + length) {
                int within = ours - from;
                int pixels = piece.size() == 1 ? 1 : piece.get(0) * piece.get(1);
                return piece.size() == 1 ? ours : from + within % pixels * piece.get(2) + within / pixels;
            }
            from += length;
        }
        throw new IllegalArgumentException(ours + " of " + pieces);
    }

    /** These side by side. */
    static KerasValue sideBySide(String node, List<KerasValue> values) {
        KerasValue first = values.get(0);
        List<Integer> sizes = new ArrayList<>(first.sizes());
        List<List<Integer>> pieces = new ArrayList<>();
        int channels = 0;
        for (KerasValue value : values) {
            channels = Math.addExact(channels, value.channels());
            pieces.addAll(value.pieces());
        }
        sizes.set(sizes.size() - 1, channels);
        return new KerasValue(node, sizes, first.hasTime(), first.isVector() ? pieces : List.of(List.of(channels)));
    }

    @Override
    public String toString() {
        return hasTime ? "a sequence of " + sizes : sizes.toString();
    }
}
