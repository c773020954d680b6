package dev.lockstep.worker.dl4j.layer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.worker.natives.Natives;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class ArrayMemoryTest {
    @BeforeAll
    static void load() {
        Natives.ready();
    }

    /** However the matrix lies in memory, and whatever its numbers are. */
    @Test
    void rowsComeOneBehindTheOther() {
        INDArray matrix = Nd4j.create(new float[] {1, 2, 3, 4, 5, 6}, new long[] {2, 3}, 'c');
        assertThat(ArrayMemory.rowByRow(matrix)).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(ArrayMemory.rowByRow(matrix.dup('f'))).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(ArrayMemory.rowByRow(matrix.transpose())).containsExactly(1, 4, 2, 5, 3, 6);
        assertThat(ArrayMemory.rowByRow(matrix.castTo(DataType.DOUBLE))).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(ArrayMemory.rowByRow(matrix.get(NDArrayIndex.all(), NDArrayIndex.interval(1, 3))))
                .containsExactly(2, 3, 5, 6);
        assertThat(ArrayMemory.rowByRow(matrix.get(NDArrayIndex.interval(1, 2), NDArrayIndex.all())))
                .containsExactly(4, 5, 6);
        INDArray column = matrix.get(NDArrayIndex.all(), NDArrayIndex.interval(1, 2));
        assertThat(ArrayMemory.rowByRow(column)).containsExactly(2, 5);
        assertThat(ArrayMemory.rowByRow(column.dup('c'))).containsExactly(2, 5);
    }
}
