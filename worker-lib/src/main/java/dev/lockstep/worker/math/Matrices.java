package dev.lockstep.worker.math;

import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;

import dev.lockstep.worker.math.NativeFloats.Address;
import dev.lockstep.worker.settings.JvmSettings;
import java.lang.ref.Reference;
import org.bytedeco.openblas.global.openblas_nolapack;

/**
 * Matrix products by OpenBLAS, the library that ND4J itself loads, on addresses instead of arrays: an ND4J call costs
 * tens of microseconds, one of these a tenth of one. All matrices are row-major. Not for several threads.
 */
public class Matrices {
    private final Address first = new Address(0, 0);
    private final Address second = new Address(0, 0);
    private final Address third = new Address(0, 0);

    /** With {@code -Dlockstep.kernels.check=true}, those that check what the library touches. */
    public static Matrices create() {
        return JvmSettings.kernelsAreChecked() ? new CheckedMatrices() : new Matrices();
    }

    /**
     * A matrix in native memory.
     *
     * @param at its first value
     * @param stride from row to row, in values
     * @param transposed whether the product takes it transposed
     */
    public record Matrix(NativeFloats values, int at, int stride, boolean transposed) {
        public static Matrix of(NativeFloats values, int at, int stride) {
            return new Matrix(values, at, stride, false);
        }

        public Matrix transpose() {
            return new Matrix(values, at, stride, !transposed);
        }

        /** The address, given the size of the matrix as the product takes it. */
        long address(int rows, int columns) {
            int storedRows = transposed ? columns : rows;
            int storedColumns = transposed ? rows : columns;
            return values.address(at, (storedRows - 1L) * stride + storedColumns);
        }

        int layout() {
            return transposed ? CblasTrans : CblasNoTrans;
        }
    }

    /** C = A B + beta C, with A [rows, inner], B [inner, columns], C [rows, columns]. */
    public void product(int rows, int columns, int inner, Matrix a, Matrix b, float beta, Matrix c) {
        openblas_nolapack.cblas_sgemm(
                CblasRowMajor,
                a.layout(),
                b.layout(),
                rows,
                columns,
                inner,
                1f,
                first.at(a.address(rows, inner)),
                a.stride(),
                second.at(b.address(inner, columns)),
                b.stride(),
                beta,
                third.at(c.address(rows, columns)),
                c.stride());
        keep(a.values(), b.values(), c.values());
    }

    /** y[r] = sum of row r of A [rows, columns] + beta y[r]; {@code ones} holds at least as many ones as columns. */
    public void rowSums(int rows, int columns, Matrix a, NativeFloats ones, float beta, NativeFloats y) {
        rowSums(rows, columns, a, ones, 0, beta, y, 0);
    }

    public final void rowSums(
            int rows, int columns, Matrix a, NativeFloats ones, int onesAt, float beta, NativeFloats y, int yAt) {
        openblas_nolapack.cblas_sgemv(
                CblasRowMajor,
                CblasNoTrans,
                rows,
                columns,
                1f,
                first.at(a.address(rows, columns)),
                a.stride(),
                second.at(ones.address(onesAt, columns)),
                1,
                beta,
                third.at(y.address(yAt, rows)),
                1);
        keep(a.values(), ones, y);
    }

    /** y += x, over {@code count} values. */
    public void add(int count, NativeFloats x, int from, NativeFloats y, int to) {
        openblas_nolapack.cblas_saxpy(
                count, 1f, first.at(x.address(from, count)), 1, second.at(y.address(to, count)), 1);
        keep(x, x, y);
    }

    /** Keeps memory from being collected as garbage while the call above, which knows addresses only, is in it. */
    private static void keep(NativeFloats a, NativeFloats b, NativeFloats c) {
        Reference.reachabilityFence(a);
        Reference.reachabilityFence(b);
        Reference.reachabilityFence(c);
    }
}
