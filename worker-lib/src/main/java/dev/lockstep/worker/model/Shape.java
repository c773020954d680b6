package dev.lockstep.worker.model;

import java.io.Serializable;
import java.util.List;

/**
 * The shape of one example between two layers: an image of channels x height x width, a flat vector, or vectors in time.
 *
 * @param channels the channels of an image, or the length of a vector; at least 1
 * @param height rows of an image; 0 for a vector
 * @param width columns of an image; 0 for a vector
 * @param hasTime whether it is a sequence of such vectors, of any length
 */
public record Shape(int channels, int height, int width, boolean hasTime) implements Serializable {
    /** What a configuration calls the dimension of a sequence that has any length. */
    public static final String TIME = "time";

    public Shape {
        boolean vector = height == 0 && width == 0;
        if (hasTime && !vector) {
            throw new IllegalArgumentException("a sequence is one of vectors, found images");
        }
        if (channels < 1 || (!vector && (height < 1 || width < 1))) {
            throw new IllegalArgumentException(
                    "a shape needs positive sizes, found " + channels + "x" + height + "x" + width);
        }
        if (!vector && (double) channels * height * width > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("a shape of " + channels + "x" + height + "x" + width + " has more than "
                    + Integer.MAX_VALUE + " values");
        }
    }

    /** An image, or of 0 rows and columns a vector. */
    public Shape(int channels, int height, int width) {
        this(channels, height, width, false);
    }

    public static Shape vector(int length) {
        return new Shape(length, 0, 0);
    }

    /** Vectors in time. */
    public static Shape sequence(int length) {
        return new Shape(length, 0, 0, true);
    }

    /** Of {@code [channels, height, width]} or {@code [length]}. */
    public static Shape of(List<Integer> sizes) {
        return switch (sizes.size()) {
            case 1 -> vector(sizes.get(0));
            case 3 -> new Shape(sizes.get(0), sizes.get(1), sizes.get(2));
            default -> throw new IllegalArgumentException("a shape has 1 or 3 sizes, found " + sizes);
        };
    }

    /** {@code [channels, height, width]} or {@code [length]} */
    public List<Integer> sizes() {
        return isImage() ? List.of(channels, height, width) : List.of(channels);
    }

    public boolean isImage() {
        return height > 0;
    }

    /**
     * This, where it is an image.
     *
     * @throws IllegalArgumentException when it is a vector
     */
    public Shape requireImage() {
        if (!isImage()) {
            throw new IllegalArgumentException(
                    "needs an image (channels x height x width), its input is a vector of " + channels);
        }
        return this;
    }

    /**
     * This, where it is a sequence.
     *
     * @throws IllegalArgumentException when it is not
     */
    public Shape requireTime() {
        if (!hasTime) {
            throw new IllegalArgumentException("needs a sequence (time x length), its input is " + this);
        }
        return this;
    }

    /** The number of values of one example; of a sequence, of one of its steps. */
    public int size() {
        return isImage() ? channels * height * width : channels;
    }

    @Override
    public String toString() {
        return isImage() ? channels + "x" + height + "x" + width : (hasTime ? TIME + "x" : "") + channels;
    }
}
