package dev.lockstep.worker.onnx;

/**
 * A size of an input or an output.
 *
 * @param name of one that may be any at each call; null for a fixed one
 * @param size of a fixed one, from 1
 */
public record Dimension(String name, long size) {
    /** How many examples there are. */
    public static final Dimension BATCH = new Dimension("batch", 0);
    /** How many steps the longest sequence has. */
    public static final Dimension TIME = new Dimension("time", 0);

    public static Dimension of(long size) {
        return new Dimension(null, size);
    }

    @Override
    public String toString() {
        return name == null ? Long.toString(size) : name;
    }
}
