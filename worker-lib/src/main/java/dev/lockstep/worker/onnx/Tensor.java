package dev.lockstep.worker.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;

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
        return as(count());
    }

    /** The same values in other dimensions. */
    public Tensor as(long... other) {
        Tensor viewed = new Tensor(LongStream.of(other).boxed().toList(), values);
        if (viewed.count() != count()) {
            throw new IllegalArgumentException(sizes + " values are not " + viewed.sizes);
        }
        return viewed;
    }

    /** Rows as columns, of two dimensions. */
    public Tensor transposed() {
        int rows = Math.toIntExact(sizes.get(0));
        int columns = Math.toIntExact(sizes.get(1));
        return new Tensor(List.of(sizes.get(1), sizes.get(0)), () -> {
            float[] from = values.get();
            float[] to = new float[from.length];
            for (int i = 0; i < to.length; i++) {
                to[i] = from[i % rows * columns + i / rows];
            }
            return to;
        });
    }

    /**
     * Some of the equal parts that it is cut into along the first dimension, in this order.
     *
     * @param count of the parts
     * @param chosen from 0
     */
    public Tensor parts(int count, int... chosen) {
        int part = Math.toIntExact(count() / count);
        List<Long> less = new ArrayList<>(sizes);
        less.set(0, sizes.get(0) / count * chosen.length);
        return new Tensor(less, () -> {
            float[] from = values.get();
            float[] to = new float[part * chosen.length];
            for (int i = 0; i < chosen.length; i++) {
                System.arraycopy(from, chosen[i] * part, to, i * part, part);
            }
            return to;
        });
    }

    /** Several of the same sizes, one behind the other, in a new first dimension. */
    public static Tensor stacked(List<Tensor> several) {
        List<Long> more = new ArrayList<>(several.get(0).sizes);
        more.add(0, (long) several.size());
        return new Tensor(more, () -> {
            int each = Math.toIntExact(several.get(0).count());
            float[] all = new float[each * several.size()];
            for (int i = 0; i < several.size(); i++) {
                System.arraycopy(several.get(i).values.get(), 0, all, i * each, each);
            }
            return all;
        });
    }
}
