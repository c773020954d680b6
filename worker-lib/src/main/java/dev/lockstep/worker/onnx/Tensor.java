package dev.lockstep.worker.onnx;

import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Constant float32 values of a network.
 *
 * @param sizes of its dimensions
 * @param values row after row, as many as the product of the sizes; asked for when the file is written
 */
public record Tensor(List<Long> sizes, Supplier<float[]> values) {

    public Tensor {
        sizes = List.copyOf(sizes);
    }

    public long count() {
        return sizes.stream().reduce(1L, Math::multiplyExact);
    }

    /** The same value everywhere. */
    public static Tensor filled(int count, float value) {
        return new Tensor(List.of((long) count), () -> {
            float[] values = new float[count];
            Arrays.fill(values, value);
            return values;
        });
    }

    /** Other values in the same dimensions. */
    public Tensor map(UnaryOperator<Float> function) {
        return new Tensor(sizes, () -> {
            float[] mapped = values.get().clone();
            for (int i = 0; i < mapped.length; i++) {
                mapped[i] = function.apply(mapped[i]);
            }
            return mapped;
        });
    }

    /** The same values as a vector. */
    public Tensor flat() {
        return as(List.of(count()));
    }

    /** The same values in other dimensions. */
    Tensor as(List<Long> other) {
        Tensor viewed = new Tensor(other, values);
        if (viewed.count() != count()) {
            throw new IllegalArgumentException(sizes + " values are not " + other);
        }
        return viewed;
    }
}
