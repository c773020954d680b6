package dev.lockstep.worker.math;

import java.util.Arrays;

/**
 * The debug mode {@code -Dlockstep.kernels.check=true}: the native library gets copies of its operands in which all that
 * it has no business with, before, between and behind the rows, is filled with one pattern, a NaN. A call that writes
 * there has changed the pattern; one that reads there has NaNs in its result. Much slower, and the same bits. Everything else that a kernel touches goes through {@link NativeFloats}, which is always checked, or is a Java
 * array.
 */
public final class CheckedMatrices extends Matrices {
    private static final int PATTERN = 0x7fc5a5a5;

    /** Values of pattern before and behind. */
    private static final int GUARD = 256;

    private final Guarded first = new Guarded();
    private final Guarded second = new Guarded();
    private final Guarded third = new Guarded();

    /** What a call does with its operands. */
    public interface Call {
        void on(Matrix a, Matrix b, Matrix c);
    }

    @Override
    public void product(int rows, int columns, int inner, Matrix a, Matrix b, float beta, Matrix c) {
        first.take(a, a.transposed() ? inner : rows, a.transposed() ? rows : inner, true);
        second.take(b, b.transposed() ? columns : inner, b.transposed() ? inner : columns, true);
        third.take(c, rows, columns, beta != 0);
        check((x, y, z) -> super.product(rows, columns, inner, x, y, beta, z));
    }

    @Override
    public void rowSums(int rows, int columns, Matrix a, NativeFloats ones, float beta, NativeFloats y) {
        first.take(a, rows, columns, true);
        second.take(Matrix.of(ones, 0, columns), 1, columns, true);
        third.take(Matrix.of(y, 0, rows), 1, rows, beta != 0);
        check((m, n, z) -> super.rowSums(rows, columns, m, n.values(), n.at(), beta, z.values(), z.at()));
    }

    @Override
    public void add(int count, NativeFloats x, int from, NativeFloats y, int to) {
        first.take(Matrix.of(x, from, count), 1, count, true);
        second.take(Matrix.of(x, from, count), 1, count, true);
        third.take(Matrix.of(y, to, count), 1, count, true);
        check((a, b, c) -> super.add(count, a.values(), a.at(), c.values(), c.at()));
    }

    /** Makes a call on operands between guards and takes over its result. */
    public void check(Call call) {
        boolean finite = first.finite() && second.finite() && third.finite();
        call.on(first.guarded(), second.guarded(), third.guarded());
        first.expectUnchanged("first operand");
        second.expectUnchanged("second operand");
        third.takeResult(finite);
    }

    /** An operand and its copy in memory of our own. */
    public static final class Guarded {
        private NativeFloats memory = NativeFloats.allocate(0);
        private int[] before = new int[0];
        private int[] after = new int[0];
        private Matrix original;
        private Matrix copy;
        private int rows;
        private int columns;
        private int length;
        private boolean read;

        /**
         * @param storedRows rows as they lie in memory
         * @param isRead whether the call reads the values, not only writes them
         */
        void take(Matrix matrix, int storedRows, int storedColumns, boolean isRead) {
            original = matrix;
            rows = storedRows;
            columns = storedColumns;
            read = isRead;
            length = (rows - 1) * matrix.stride() + columns + 2 * GUARD;
            if (memory.length() < length) {
                memory = NativeFloats.allocate(length);
                before = new int[length];
                after = new int[length];
            }
            Arrays.fill(before, 0, length, PATTERN);
            for (int row = 0; read && row < rows; row++) {
                matrix.values()
                        .read(matrix.at() + row * matrix.stride(), before, GUARD + row * matrix.stride(), columns);
            }
            memory.write(0, before, 0, length);
            copy = new Matrix(memory, GUARD, matrix.stride(), matrix.transposed());
        }

        Matrix guarded() {
            return copy;
        }

        boolean finite() {
            for (int row = 0; read && row < rows; row++) {
                int at = GUARD + row * copy.stride();
                for (int i = at; i < at + columns; i++) {
                    if (!Float.isFinite(Float.intBitsToFloat(before[i]))) {
                        return false;
                    }
                }
            }
            return true;
        }

        void expectUnchanged(String name) {
            memory.read(0, after, 0, length);
            int at = Arrays.mismatch(before, 0, length, after, 0, length);
            if (at >= 0) {
                throw outside("wrote to its " + name, at);
            }
        }

        /** Checks what lies around the values and copies these to where they belong. */
        void takeResult(boolean finite) {
            memory.read(0, after, 0, length);
            int row = 0;
            for (int at = 0; at < length; at++) {
                row = Math.min(rows - 1, Math.max(0, (at - GUARD) / copy.stride()));
                int column = at - GUARD - row * copy.stride();
                if (column < 0 || column >= columns) {
                    if (after[at] != PATTERN) {
                        throw outside("wrote outside its result", at);
                    }
                } else if (finite && Float.isNaN(Float.intBitsToFloat(after[at]))) {
                    throw outside("read what is not its own, or left a result out: NaN", at);
                }
            }
            for (row = 0; row < rows; row++) {
                int at = row * copy.stride();
                original.values().write(original.at() + at, after, GUARD + at, columns);
            }
        }

        private IllegalStateException outside(String what, int at) {
            return new IllegalStateException("a native call " + what + ", at value " + (at - GUARD) + " of a matrix of "
                    + rows + " rows of " + columns + ", " + copy.stride() + " apart");
        }
    }
}
