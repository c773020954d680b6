package dev.lockstep.driver.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Cifar10SourceTest {
    private static final int RECORD = 3073;
    private static final Shape IMAGE = new Shape(3, 32, 32);

    @TempDir
    private Path folder;

    /** Record r of file f has the label (f + r) % 10 and values that tell f, r and the position. */
    private static byte[] records(int file, int count) {
        byte[] bytes = new byte[count * RECORD];
        for (int record = 0; record < count; record++) {
            bytes[record * RECORD] = (byte) ((file + record) % 10);
            for (int i = 0; i < 3072; i++) {
                bytes[record * RECORD + 1 + i] = value(file, record, i);
            }
        }
        return bytes;
    }

    private static byte value(int file, int record, int i) {
        return (byte) (31 * file + 7 * record + i);
    }

    private void write(Path into) throws IOException {
        Files.createDirectories(into);
        for (int file = 1; file <= 5; file++) {
            Files.write(into.resolve("data_batch_" + file + ".bin"), records(file, file + 1));
        }
        Files.write(into.resolve("test_batch.bin"), records(6, 3));
    }

    private Dataset open(Shape shape, int classes, long trainLimit) {
        return Cifar10Source.open(folder.toUri().toString(), shape, classes, trainLimit, 0, new Configuration());
    }

    @Test
    void anyRangeAcrossFiles() throws IOException {
        write(folder);
        Dataset data = open(IMAGE, 10, 0);
        assertThat(data.train().size()).isEqualTo(2 + 3 + 4 + 5 + 6);
        assertThat(data.test().size()).isEqualTo(3);
        Block block = data.trainFiles().read(1, 10); // the end of the first file to the beginning of the fourth
        assertThat(block.first()).isEqualTo(1);
        int[][] origins = {{1, 1}, {2, 0}, {2, 1}, {2, 2}, {3, 0}, {3, 1}, {3, 2}, {3, 3}, {4, 0}};
        for (int i = 0; i < origins.length; i++) {
            byte[] packed = block.packed(1 + i);
            assertThat(ExampleFormat.classOf(packed)).isEqualTo((origins[i][0] + origins[i][1]) % 10);
            assertThat(packed[Integer.BYTES]).isEqualTo(value(origins[i][0], origins[i][1], 0));
            assertThat(packed[Integer.BYTES + 3071]).isEqualTo(value(origins[i][0], origins[i][1], 3071));
        }
        assertThat(data.trainFiles().read(4, 4).size()).isZero();
    }

    @Test
    void inItsOwnFolderAndGzippedItIsTheSame() throws IOException {
        write(folder);
        String plain = open(IMAGE, 10, 0).fingerprint();
        for (Path file : Files.list(folder).toList()) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
                gzip.write(Files.readAllBytes(file));
            }
            Path into = folder.resolve("cifar-10-batches-bin");
            Files.createDirectories(into);
            Files.write(into.resolve(file.getFileName() + ".gz"), bytes.toByteArray());
            Files.delete(file);
        }
        Dataset packed = open(Shape.vector(3072), 10, 0);
        assertThat(packed.fingerprint()).isEqualTo(plain);
        assertThat(ExampleFormat.classOf(packed.trainFiles().read(19, 20).packed(19)))
                .isZero();
    }

    @Test
    void aLimitTakesTheFirst() throws IOException {
        write(folder);
        Dataset data = open(IMAGE, 10, 4);
        assertThat(data.train().size()).isEqualTo(4);
        assertThat(data.fingerprint()).isNotEqualTo(open(IMAGE, 10, 0).fingerprint());
    }

    @Test
    void saysWhatIsWrong() throws IOException {
        assertRefused(10, IMAGE)
                .hasMessageContainingAll("lacks data_batch_1.bin", "data_batch_1.bin to data_batch_5.bin");
        write(folder);
        assertRefused(10, new Shape(1, 28, 28))
                .hasMessageContaining("holds images of 3x32x32 but the network expects 1x28x28");
        assertRefused(5, IMAGE).hasMessageContainingAll("has label 5 at example", "expected 0 to 4", "network.classes");
        Path third = folder.resolve("data_batch_3.bin");
        byte[] whole = Files.readAllBytes(third);
        Files.write(third, java.util.Arrays.copyOf(whole, whole.length - 1));
        assertRefused(10, IMAGE)
                .hasMessageContainingAll("data_batch_3.bin has 12291 bytes: expected a multiple of 3073");
        whole[RECORD] = 10;
        Files.write(third, whole);
        assertRefused(10, IMAGE)
                .hasMessageContainingAll(
                        "data_batch_3.bin has label 10 at example 1: expected 0 to 9; get the file again");
        Files.write(third, new byte[0]);
        assertRefused(10, IMAGE).hasMessageContaining("data_batch_3.bin has 0 bytes");
    }

    private org.assertj.core.api.AbstractThrowableAssert<?, ?> assertRefused(int classes, Shape shape) {
        return assertThatThrownBy(() -> open(shape, classes, 0)).isInstanceOf(DataException.class);
    }
}
