package dev.lockstep.worker.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.worker.dl4j.BatchArrays;
import dev.lockstep.worker.model.Batch;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchReaderTest {
    private static final Block BLOCK =
            Block.of(ExampleFormat.bytes(Shape.vector(4), 1 << 20), 100, new int[] {2, 0, 1}, new byte[] {
                0, 1, (byte) 128, (byte) 255, 10, 20, 30, 40, 5, 6, 7, 8
            });

    @Test
    void valuesAreBytesOver255AndLabelsOneHot() {
        Batch batch = new BatchReader(ExampleFormat.bytes(Shape.vector(4), 3))
                .read(List.of(BLOCK.packed(100), BLOCK.packed(102)));
        assertThat(arrays(batch).features().toFloatMatrix())
                .isDeepEqualTo(
                        new float[][] {{0f, 1 / 255f, 128 / 255f, 1f}, {5 / 255f, 6 / 255f, 7 / 255f, 8 / 255f}});
        assertThat(arrays(batch).labels().toFloatMatrix()).isDeepEqualTo(new float[][] {{0, 0, 1}, {0, 1, 0}});
    }

    @Test
    void imagesAreChannelsRowsColumns() {
        Batch batch = new BatchReader(ExampleFormat.bytes(new Shape(2, 1, 2), 3)).read(List.of(BLOCK.packed(101)));
        assertThat(arrays(batch).features().shape()).containsExactly(1, 2, 1, 2);
        assertThat(arrays(batch).features().getFloat(0, 0, 0, 1)).isEqualTo(20 / 255f);
        assertThat(arrays(batch).features().getFloat(0, 1, 0, 0)).isEqualTo(30 / 255f);
    }

    /** The arrays are used again: nothing of the batch before may be left, least of all its labels. */
    @Test
    void theNextBatchIsItsOwn() {
        BatchReader reader = new BatchReader(ExampleFormat.bytes(Shape.vector(4), 3));
        reader.read(List.of(BLOCK.packed(100), BLOCK.packed(101)));
        reader.read(List.of(BLOCK.packed(100)));
        Batch batch = reader.read(List.of(BLOCK.packed(102), BLOCK.packed(100)));
        assertThat(arrays(batch).labels().toFloatMatrix()).isDeepEqualTo(new float[][] {{0, 1, 0}, {0, 0, 1}});
        assertThat(arrays(batch).features().getFloat(0, 3)).isEqualTo(8 / 255f);
        assertThat(arrays(batch).features().getFloat(1, 3)).isEqualTo(1f);
    }

    @Test
    void moreClassesThanValues() {
        Batch batch = new BatchReader(ExampleFormat.bytes(Shape.vector(4), 9))
                .read(List.of(BLOCK.packed(100), BLOCK.packed(101)));
        assertThat(arrays(batch).labels().toFloatMatrix())
                .isDeepEqualTo(new float[][] {{0, 0, 1, 0, 0, 0, 0, 0, 0}, {1, 0, 0, 0, 0, 0, 0, 0, 0}});
        assertThat(arrays(batch).features().getFloat(1, 0)).isEqualTo(10 / 255f);
    }

    @Test
    void anExampleWeighsItsOwnTimesThatOfItsClass() {
        ExampleFormat plain = ExampleFormat.bytes(Shape.vector(1), 3);
        ExampleFormat weighted = plain.withWeights();
        List<byte[]> examples = List.of(
                weighted.pack(2, new byte[1], 0, 0.5f),
                weighted.pack(0, new byte[1], 0, 3),
                weighted.pack(2, new byte[1], 0));
        Batch own = new BatchReader(weighted).read(examples);
        assertThat(own.weights()).startsWith(0.5f, 3, 1);
        assertThat(own.weight()).isEqualTo(4.5);
        BatchReader reader = new BatchReader(weighted, weighted.features(), List.of(0.1, 7.0, 2.0));
        assertThat(reader.read(examples).weights()).startsWith(1, (float) (3 * 0.1), 2);
        Batch next = reader.read(examples.subList(2, 3)); // in the same array
        assertThat(next.weight()).isEqualTo(2);
        Batch ofClasses = new BatchReader(plain, plain.features(), List.of(0.1, 7.0, 2.0))
                .read(List.of(plain.pack(1, new byte[1], 0), plain.pack(0, new byte[1], 0)));
        assertThat(ofClasses.weights()).startsWith(7, 0.1f);
    }

    @Test
    void whereNothingIsSaidThereAreNoWeights() {
        Batch batch = new BatchReader(ExampleFormat.bytes(Shape.vector(4), 3))
                .read(List.of(BLOCK.packed(100), BLOCK.packed(102)));
        assertThat(batch.weights()).isNull();
        assertThat(batch.weight()).isEqualTo(2);
    }

    private static BatchArrays.Pair arrays(Batch batch) {
        return new BatchArrays().of(batch);
    }
}
