package dev.lockstep.worker.natives;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class ShapesOnceTest {
    @BeforeAll
    static void load() {
        Natives.ready();
    }

    @Test
    void arraysOfAShapeShareItsDescription() {
        INDArray first = Nd4j.createUninitialized(DataType.FLOAT, new long[] {3, 7, 11}, 'c');
        INDArray second = Nd4j.createUninitialized(DataType.FLOAT, new long[] {3, 7, 11}, 'c');
        assertThat(second.shapeInfoDataBuffer()).isSameAs(first.shapeInfoDataBuffer());
        assertThat(second.dup('c').shapeInfoDataBuffer()).isSameAs(first.shapeInfoDataBuffer());
    }

    @Test
    void whatDiffersInAnythingIsDescribedApart() {
        INDArray array = Nd4j.createUninitialized(DataType.FLOAT, new long[] {3, 7, 11}, 'c');
        INDArray columns = Nd4j.createUninitialized(DataType.FLOAT, new long[] {3, 7, 11}, 'f');
        INDArray doubles = Nd4j.createUninitialized(DataType.DOUBLE, new long[] {3, 7, 11}, 'c');
        INDArray turned = Nd4j.createUninitialized(DataType.FLOAT, new long[] {11, 7, 3}, 'c');
        assertThat(columns.stride()).containsExactly(1, 3, 21);
        assertThat(columns.ordering()).isEqualTo('f');
        assertThat(doubles.dataType()).isEqualTo(DataType.DOUBLE);
        assertThat(turned.shape()).containsExactly(11, 7, 3);
        assertThat(array.permute(1, 2, 0).stride()).containsExactly(11, 1, 77);
        assertThat(Nd4j.empty(DataType.FLOAT).isEmpty()).isTrue();
        assertThat(Nd4j.scalar(2f).isEmpty()).isFalse();
    }

    @Test
    void whatTheCallerDoesToItsArraysOfSizesChangesNothing() {
        long[] sizes = {2, 13};
        INDArray before = Nd4j.createUninitialized(DataType.FLOAT, sizes, 'c');
        sizes[0] = 5;
        assertThat(Nd4j.createUninitialized(DataType.FLOAT, sizes, 'c').shape()).containsExactly(5, 13);
        assertThat(Nd4j.createUninitialized(DataType.FLOAT, new long[] {2, 13}, 'c')
                        .shape())
                .containsExactly(before.shape());
    }
}
