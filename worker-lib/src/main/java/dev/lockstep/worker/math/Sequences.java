package dev.lockstep.worker.math;

import dev.lockstep.worker.math.Matrices.Matrix;
import java.util.Arrays;

/**
 * Sequences of vectors in memory, step by step, all padded to the longest: value c of example n at step t lies at
 * {@code at + (t * examples + n) * stride + c}. So one step of all examples is a matrix, and all steps together are one.
 * Behind an example's end a kernel gives 0, and reads nothing: other layers may have left something there, an activation f(0).
 *
 * @param at where it begins
 * @param stride from vector to vector, at least {@code channels}
 * @param steps of the longest, at least 1
 * @param channels values of a vector
 * @param lengths the steps of each example, {@code [examples]}, from 1 to {@code steps}; of what is no sequence, but one
 *     vector for each example, 1
 */
public record Sequences(NativeFloats memory, int at, int stride, int steps, int examples, int channels, int[] lengths) {

    /** Without gaps. */
    public Sequences(NativeFloats memory, int steps, int channels, int[] lengths) {
        this(memory, 0, channels, steps, lengths.length, channels, lengths);
    }

    /** The lengths of sequences that all have as many steps. */
    public static int[] full(int steps, int examples) {
        int[] lengths = new int[examples];
        Arrays.fill(lengths, steps);
        return lengths;
    }

    /** The vectors of all steps. */
    int rows() {
        return steps * examples;
    }

    /** All steps, {@code [steps * examples, channels]}. */
    Matrix matrix() {
        return Matrix.of(memory, at, stride);
    }

    /** One step, {@code [examples, channels]}. */
    Matrix matrix(int step) {
        return Matrix.of(memory, row(step, 0), stride);
    }

    /** Where a vector begins. */
    public int row(int step, int example) {
        return at + (step * examples + example) * stride;
    }

    /** The steps {@code [from, to)}. */
    Sequences between(int from, int to) {
        return new Sequences(memory, row(from, 0), stride, to - from, examples, channels, lengths);
    }

    /** A part of every vector. */
    public Sequences part(int from, int count) {
        return new Sequences(memory, at + from, stride, steps, examples, count, lengths);
    }

    /** Whether a step lies behind an example's end. */
    public boolean isPadding(int step, int example) {
        return step >= lengths[example];
    }

    /** Whether no step lies behind an end. */
    boolean isFull() {
        return Arrays.stream(lengths).allMatch(length -> length == steps);
    }

    /** The last step of each example, {@code [examples][channels]}. */
    float[] lasts() {
        float[] values = new float[examples * channels];
        for (int n = 0; n < examples; n++) {
            memory.read(row(lengths[n] - 1, n), values, n * channels, channels);
        }
        return values;
    }

    /** Makes all of it 0. */
    public void zero() {
        if (stride == channels) {
            memory.zero(at, rows() * channels);
            return;
        }
        for (int row = 0; row < rows(); row++) {
            memory.zero(at + row * stride, channels);
        }
    }

    /** Makes 0 what is behind an example's end. */
    public void zeroPadding() {
        for (int n = 0; n < examples; n++) {
            for (int t = lengths[n]; t < steps; t++) {
                memory.zero(row(t, n), channels);
            }
        }
    }

    /**
     * Copies all of it, and for what is behind an example's end 0.
     *
     * @param to of the same sizes
     */
    public void copyInside(Sequences to) {
        float[] values = new float[examples * channels];
        for (int t = 0; t < steps; t++) {
            read(t, values);
            clearPadding(t, values);
            to.write(t, values);
        }
    }

    /** Puts 0 for what is behind an example's end into a copy of one step, {@code [examples][channels]}. */
    public void clearPadding(int step, float[] values) {
        clearPadding(step, values, channels);
    }

    /** The same of other values of the same examples, {@code [examples][width]}. */
    void clearPadding(int step, float[] values, int width) {
        for (int n = 0; n < examples; n++) {
            if (isPadding(step, n)) {
                Arrays.fill(values, n * width, (n + 1) * width, 0f);
            }
        }
    }

    /** Copies one step, {@code [examples][channels]} without gaps. */
    public void read(int step, float[] into) {
        if (stride == channels) {
            memory.read(row(step, 0), into, 0, examples * channels);
            return;
        }
        for (int n = 0; n < examples; n++) {
            memory.read(row(step, n), into, n * channels, channels);
        }
    }

    /** The inverse of {@link #read}. */
    public void write(int step, float[] values) {
        if (stride == channels) {
            memory.write(row(step, 0), values, 0, examples * channels);
            return;
        }
        for (int n = 0; n < examples; n++) {
            memory.write(row(step, n), values, n * channels, channels);
        }
    }

    /**
     * Copies vectors that follow each other, those of a step and then of the next.
     *
     * @param from the first of them
     * @param into for as many as there are room, or left, without gaps
     * @return how many
     */
    int readRows(int from, float[] into) {
        int count = rowsIn(into, from);
        if (stride == channels) {
            memory.read(at + from * stride, into, 0, count * channels);
            return count;
        }
        for (int i = 0; i < count; i++) {
            memory.read(at + (from + i) * stride, into, i * channels, channels);
        }
        return count;
    }

    /** The inverse of {@link #readRows}. */
    void writeRows(int from, float[] values) {
        int count = rowsIn(values, from);
        if (stride == channels) {
            memory.write(at + from * stride, values, 0, count * channels);
            return;
        }
        for (int i = 0; i < count; i++) {
            memory.write(at + (from + i) * stride, values, i * channels, channels);
        }
    }

    /** Puts 0 for what is behind an example's end into a copy of such vectors. */
    void clearRows(int from, float[] values) {
        for (int i = 0; i < rowsIn(values, from); i++) {
            if (isPadding((from + i) / examples, (from + i) % examples)) {
                Arrays.fill(values, i * channels, (i + 1) * channels, 0f);
            }
        }
    }

    private int rowsIn(float[] values, int from) {
        return Math.min(values.length / channels, rows() - from);
    }
}
