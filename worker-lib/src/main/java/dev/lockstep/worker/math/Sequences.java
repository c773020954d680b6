package dev.lockstep.worker.math;

import dev.lockstep.worker.math.Matrices.Matrix;
import java.util.Arrays;

/**
 * Sequences of vectors in memory, step by step, all padded to the longest: value c of example n at step t lies at
 * {@code at + (t * examples + n) * stride + c}. So one step of all examples is a matrix, and all steps together are one.
 * Behind an example's end every layer gives 0, and reads nothing.
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

    /** Puts 0 for what is behind an example's end into a copy of one step, {@code [examples][channels]}. */
    public void clearPadding(int step, float[] values) {
        for (int n = 0; n < examples; n++) {
            if (isPadding(step, n)) {
                Arrays.fill(values, n * channels, (n + 1) * channels, 0f);
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
}
