package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.Shape;

/**
 * The largest or the mean value of each K x K window of each channel; output size as for {@link Convolution}.
 *
 * @param kernel K, from 1
 * @param stride S, from 1
 * @param padding P, from 0
 */
public record Pooling(Kind kind, int kernel, int stride, int padding) implements Layer {
    public static final String MAX = "max-pool";
    public static final String AVERAGE = "average-pool";

    /** What a window keeps. */
    public enum Kind {
        MAX,
        AVERAGE
    }

    static Pooling readMax(Keys keys) {
        return read(Kind.MAX, keys);
    }

    static Pooling readAverage(Keys keys) {
        return read(Kind.AVERAGE, keys);
    }

    private static Pooling read(Kind kind, Keys keys) {
        int kernel = keys.from(1, "kernel", 2);
        return new Pooling(kind, kernel, keys.from(1, "stride", kernel), keys.from(0, "padding", 0));
    }

    @Override
    public String type() {
        return kind == Kind.MAX ? MAX : AVERAGE;
    }

    @Override
    public Shape output(Shape input) {
        return Convolution.window(input, input.channels(), kernel, stride, padding, 1);
    }
}
