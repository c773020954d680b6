package dev.lockstep.worker.math;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.worker.dl4j.layer.ArrayMemory;
import dev.lockstep.worker.math.CheckedMatrices.Guarded;
import dev.lockstep.worker.math.Matrices.Matrix;
import dev.lockstep.worker.natives.Natives;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** What goes wrong on purpose is caught, in the debug mode and always. */
class CheckedMatricesTest {

    @BeforeEach
    void oneThread() {
        Natives.ready();
    }

    private static NativeFloats values(int count) {
        NativeFloats values = NativeFloats.allocate(count);
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) Math.sin(i);
        }
        values.write(0, numbers, 0, count);
        return values;
    }

    private static float[] read(NativeFloats values) {
        float[] read = new float[values.length()];
        values.read(0, read, 0, read.length);
        return read;
    }

    /** Rows with gaps, transposed operands, and a result that is added to: the bits of the plain calls. */
    @Test
    void givesTheSameBits() {
        NativeFloats[] results = {values(200), values(200)};
        Matrices[] both = {new Matrices(), new CheckedMatrices()};
        for (int i = 0; i < both.length; i++) {
            Matrix a = Matrix.of(values(100), 3, 9);
            Matrix b = Matrix.of(values(100), 1, 8).transpose();
            both[i].product(7, 11, 5, a, b, 1f, Matrix.of(results[i], 5, 13));
            both[i].product(
                    3,
                    4,
                    7,
                    Matrix.of(values(100), 0, 6).transpose(),
                    Matrix.of(values(50), 0, 4),
                    0f,
                    Matrix.of(results[i], 120, 4));
            both[i].rowSums(4, 6, Matrix.of(values(100), 2, 10), values(6), 1f, results[i]);
            both[i].add(30, values(40), 4, results[i], 160);
        }
        assertThat(read(results[1])).isEqualTo(read(results[0]));
    }

    @Test
    void anOperandThatIsTooShortIsRefusedAlways() {
        for (Matrices matrices : new Matrices[] {new Matrices(), new CheckedMatrices()}) {
            assertThatThrownBy(() -> matrices.product(
                            4,
                            4,
                            4,
                            Matrix.of(values(16), 0, 4),
                            Matrix.of(values(15), 0, 4),
                            0f,
                            Matrix.of(values(16), 0, 4)))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    /** An array that says it is longer than the memory it stands on. */
    @Test
    void anArrayBeyondItsBufferIsRefused() {
        INDArray whole = Nd4j.zeros(DataType.FLOAT, 10);
        INDArray part = whole.get(NDArrayIndex.interval(4, 10));
        assertThat(ArrayMemory.of(part).length()).isEqualTo(6);
        assertThatThrownBy(() -> ArrayMemory.checkExtent(part.data(), 7)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    private static CheckedMatrices operands() {
        CheckedMatrices matrices = new CheckedMatrices();
        matrices.product(
                2, 3, 4, Matrix.of(values(8), 0, 4), Matrix.of(values(12), 0, 3), 0f, Matrix.of(values(10), 0, 5));
        return matrices;
    }

    @Test
    void aWriteBesideTheResultIsCaught() {
        for (int beside : new int[] {-1, 3, 4, 8}) { // in front, in the gap between the rows, behind
            CheckedMatrices matrices = operands();
            assertThatThrownBy(() ->
                            matrices.check((a, b, c) -> c.values().write(c.at() + beside, new float[] {1f}, 0, 1)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("a native call wrote outside its result, at value " + beside
                            + " of a matrix of 2 rows of 3, 5 apart");
        }
    }

    @Test
    void aWriteToAnOperandIsCaught() {
        CheckedMatrices matrices = operands();
        assertThatThrownBy(() -> matrices.check((a, b, c) -> b.values().write(b.at() + 12, new float[] {1f}, 0, 1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("wrote to its second operand, at value 12");
    }

    /** The last of an operand's values, and two that are not its own. */
    @Test
    void aReadBehindAnOperandIsCaught() {
        CheckedMatrices matrices = operands();
        assertThatThrownBy(() -> matrices.check((a, b, c) -> c.values().copy(c.at(), a.values(), a.at() + 7, 3)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("read what is not its own, or left a result out: NaN, at value 1");
    }

    @Test
    void aResultLeftOutIsCaught() {
        Guarded result = new Guarded();
        result.take(Matrix.of(values(6), 0, 3), 2, 3, false);
        assertThatThrownBy(() -> result.takeResult(true)).hasMessageContaining("at value 0 of a matrix of 2 rows");
    }
}
