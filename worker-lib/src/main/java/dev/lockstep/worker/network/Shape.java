package dev.lockstep.worker.network;

import java.io.Serializable;

/**
 * The shape of one example between two layers: an image of channels x height x width, or a flat vector.
 *
 * @param channels the channels of an image, or the length of a vector; at least 1
 * @param height rows of an image; 0 for a vector
 * @param width columns of an image; 0 for a vector
 */
public record Shape(int channels, int height, int width) implements Serializable {

    public Shape {
        boolean vector = height == 0 && width == 0;
        if (channels < 1 || (!vector && (height < 1 || width < 1))) {
            throw new IllegalArgumentException(
                    "a shape needs positive sizes, found " + channels + "x" + height + "x" + width);
        }
        if (!vector && (double) channels * height * width > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("a shape of " + channels + "x" + height + "x" + width + " has more than "
                    + Integer.MAX_VALUE + " values");
        }
    }

    public static Shape vector(int length) {
        return new Shape(length, 0, 0);
    }

    public boolean isImage() {
        return height > 0;
    }

    /** The number of values of one example. */
    public int size() {
        return isImage() ? channels * height * width : channels;
    }

    @Override
    public String toString() {
        return isImage() ? channels + "x" + height + "x" + width : Integer.toString(channels);
    }
}
