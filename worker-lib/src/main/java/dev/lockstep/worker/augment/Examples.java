package dev.lockstep.worker.augment;

/**
 * A shard's examples on their way to the network, to be changed in place.
 *
 * @param count the number of examples n
 * @param channels of an image; the length of a vector
 * @param height 1 for a vector
 * @param width 1 for a vector
 * @param classes the length of a label
 * @param values {@code [n, channels, height, width]} from the array's beginning, in [0, 1]; what is behind is not looked at
 * @param labels {@code [n, classes]}, each a distribution over the classes
 * @param weights how much each counts, {@code [n]}; null when all weigh 1
 */
public record Examples(
        int count, int channels, int height, int width, int classes, float[] values, float[] labels, float[] weights) {

    int plane() {
        return height * width;
    }

    /** The number of values of one example. */
    int size() {
        return channels * plane();
    }
}
