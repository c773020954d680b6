package dev.lockstep.driver.source;

import static dev.lockstep.driver.source.IdxFiles.CLASSES;
import static dev.lockstep.driver.source.IdxFiles.COLUMNS;
import static dev.lockstep.driver.source.IdxFiles.ROWS;
import static dev.lockstep.driver.source.IdxFiles.SIZE;
import static dev.lockstep.driver.source.IdxFiles.TEST;
import static dev.lockstep.driver.source.IdxFiles.TEST_IMAGES;
import static dev.lockstep.driver.source.IdxFiles.TRAIN;
import static dev.lockstep.driver.source.IdxFiles.TRAIN_IMAGES;
import static dev.lockstep.driver.source.IdxFiles.TRAIN_LABELS;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.source.Split;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class IdxSourceTest {

    private static final Shape SHAPE = new Shape(1, ROWS, COLUMNS);

    @TempDir
    private Path directory;

    private Dataset open(String path, long trainLimit, long testLimit) {
        return IdxSource.open(path, SHAPE, CLASSES, trainLimit, testLimit, new Configuration());
    }

    private Dataset open() {
        return open(directory.toString(), 0, 0);
    }

    static void assertExamples(Block block, int from, int to) {
        assertThat(block.first()).isEqualTo(from);
        assertThat(block.size()).isEqualTo(to - from);
        for (int i = from; i < to; i++) {
            byte[] packed = block.packed(i);
            assertThat(packed).hasSize(Integer.BYTES + SIZE);
            assertThat(ExampleFormat.classOf(packed)).isEqualTo(IdxFiles.label(i));
            for (int p = 0; p < SIZE; p++) {
                assertThat(packed[Integer.BYTES + p]).isEqualTo(IdxFiles.pixel(i, p));
            }
        }
    }

    @Test
    void describesAndReadsTheData() {
        IdxFiles.writePlain(directory);
        Dataset data = open();
        assertThat(data.shape()).isEqualTo(SHAPE);
        assertThat(data.classes()).isEqualTo(CLASSES);
        assertThat(data.train().size()).isEqualTo(TRAIN);
        assertThat(data.test().size()).isEqualTo(TEST);
        assertThat(data.fingerprint()).matches("[0-9a-f]{64}");
        assertExamples(data.trainFiles().read(0, TRAIN), 0, TRAIN);
        assertExamples(data.testFiles().read(0, TEST), 0, TEST);
    }

    @ParameterizedTest
    @CsvSource({"0,1", "0,0", "50,50", "49,50", "17,31", "13,14"})
    void readsAnyRangePlainOrGzipped(int from, int to) throws IOException {
        IdxFiles.writePlain(directory);
        Path gzipped = Files.createDirectory(directory.resolve("gzipped"));
        IdxFiles.writeGzipped(gzipped);
        assertExamples(open().trainFiles().read(from, to), from, to);
        assertExamples(open(gzipped.toString(), 0, 0).trainFiles().read(from, to), from, to);
    }

    @ParameterizedTest
    @CsvSource({"-1,2", "2,1", "0,51", "51,51"})
    void refusesARangeOutsideTheSplit(long from, long to) {
        IdxFiles.writePlain(directory);
        Split train = open().trainFiles();
        assertThatThrownBy(() -> train.read(from, to)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @ParameterizedTest
    @MethodSource("spellings")
    void takesEverySpellingAndLooksForGzipInTheBytes(UnaryOperator<String> spelling, boolean gzip) {
        IdxFiles.writePlain(directory);
        String fingerprint = open().fingerprint();
        IdxFiles.all().forEach((name, content) -> {
            assertThat(directory.resolve(name).toFile().delete()).isTrue();
            IdxFiles.write(directory.resolve(spelling.apply(name)), gzip ? IdxFiles.gzip(content) : content);
        });
        Dataset data = open();
        assertThat(data.fingerprint()).isEqualTo(fingerprint);
        assertExamples(data.trainFiles().read(7, 9), 7, 9);
    }

    static Object[][] spellings() {
        UnaryOperator<String> plain = name -> name;
        UnaryOperator<String> gz = name -> name + ".gz";
        UnaryOperator<String> dotted = name -> name.replace("-idx", ".idx");
        UnaryOperator<String> dottedGz = name -> name.replace("-idx", ".idx") + ".gz";
        return new Object[][] {
            {plain, false}, {plain, true}, {gz, true}, {dotted, false}, {dotted, true}, {dottedGz, true}
        };
    }

    @Test
    void readsGzipOfSeveralMembers() throws IOException {
        IdxFiles.writePlain(directory);
        String fingerprint = open().fingerprint();
        byte[] all = IdxFiles.images(TRAIN);
        ByteArrayOutputStream members = new ByteArrayOutputStream();
        members.write(IdxFiles.gzip(Arrays.copyOf(all, 100)));
        members.write(IdxFiles.gzip(Arrays.copyOfRange(all, 100, all.length)));
        IdxFiles.write(directory.resolve(TRAIN_IMAGES), members.toByteArray());
        assertThat(open().fingerprint()).isEqualTo(fingerprint);
    }

    @Test
    void takesAVectorOfTheSameSize() {
        IdxFiles.writePlain(directory);
        Dataset data = IdxSource.open(directory.toString(), Shape.vector(SIZE), CLASSES, 0, 0, new Configuration());
        assertThat(data.shape()).isEqualTo(Shape.vector(SIZE));
        assertThat(data.fingerprint()).isEqualTo(open().fingerprint());
    }

    @Test
    void limitsAreFirstExamplesAndAreInTheFingerprint() {
        IdxFiles.writePlain(directory);
        Dataset all = open();
        Dataset limited = open(directory.toString(), 10, 4);
        assertThat(limited.train().size()).isEqualTo(10);
        assertThat(limited.test().size()).isEqualTo(4);
        assertExamples(limited.trainFiles().read(0, 10), 0, 10);
        assertThatThrownBy(() -> limited.trainFiles().read(0, 11)).isInstanceOf(IndexOutOfBoundsException.class);

        assertThat(open(directory.toString(), 1000, TEST).fingerprint()).isEqualTo(all.fingerprint());
        assertThat(limited.fingerprint()).isNotEqualTo(all.fingerprint());
        byte[] changed = IdxFiles.images(TRAIN);
        changed[16 + 10 * SIZE]++;
        IdxFiles.write(directory.resolve(TRAIN_IMAGES), changed);
        assertThat(open(directory.toString(), 10, 4).fingerprint()).isEqualTo(limited.fingerprint());
        assertThat(open().fingerprint()).isNotEqualTo(all.fingerprint());
        assertThatThrownBy(() -> open(directory.toString(), -1, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void oneChangedPixelOrLabelChangesTheFingerprint() {
        IdxFiles.writePlain(directory);
        String fingerprint = open().fingerprint();
        for (Map.Entry<String, byte[]> file : IdxFiles.all().entrySet()) {
            byte[] changed = file.getValue().clone();
            int last = changed.length - 1;
            changed[last] = (byte) ((changed[last] + 1) % CLASSES);
            IdxFiles.write(directory.resolve(file.getKey()), changed);
            assertThat(open().fingerprint()).as(file.getKey()).isNotEqualTo(fingerprint);
            IdxFiles.write(directory.resolve(file.getKey()), file.getValue());
        }
    }

    @Test
    void takesSchemesAndRelativePaths() {
        IdxFiles.writeGzipped(directory);
        String fingerprint = open().fingerprint();
        Path relative = Path.of("").toAbsolutePath().relativize(directory.toAbsolutePath());
        assertThat(open(relative.toString(), 0, 0).fingerprint()).isEqualTo(fingerprint);
        assertThat(open("file:" + directory, 0, 0).fingerprint()).isEqualTo(fingerprint);
        assertThat(open("file://" + directory + "/", 0, 0).fingerprint()).isEqualTo(fingerprint);
    }

    @Test
    void aSplitCanBeCarriedIntoATask() throws Exception {
        IdxFiles.writeGzipped(directory);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new ObjectOutputStream(bytes).writeObject(open().trainFiles());
        Split carried = (Split) new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
        assertExamples(carried.read(3, 8), 3, 8);
    }

    private static byte[] cut(byte[] content, int length) {
        return Arrays.copyOf(content, length);
    }

    /** File, its content, what the message has to say. */
    static Object[][] badFiles() {
        byte[] images = IdxFiles.images(TRAIN);
        byte[] labels = IdxFiles.labels(TRAIN);
        byte[] gzipped = IdxFiles.gzip(images);
        byte[] flipped = gzipped.clone();
        flipped[gzipped.length - 6] ^= 1; // in the check sum
        byte[] badLabel = labels.clone();
        badLabel[8 + 17] = CLASSES;
        byte[] negativeLabel = labels.clone();
        negativeLabel[8 + 49] = -1;
        return new Object[][] {
            {TRAIN_IMAGES, labels, "not an IDX file of images: expected magic number 0x00000803, found 0x00000801"},
            {TRAIN_LABELS, images, "not an IDX file of labels: expected magic number 0x00000801, found 0x00000803"},
            {TRAIN_IMAGES, "<!DOCTYPE html>".getBytes(US_ASCII), "expected magic number 0x00000803, found 0x3c21444f"},
            {TRAIN_LABELS, IdxFiles.labels(TRAIN - 1), "has 50 images but "},
            {TRAIN_LABELS, IdxFiles.labels(TRAIN + 1), "has 51 labels: expected as many"},
            {TRAIN_LABELS, badLabel, "has label 5 at example 17: expected 0 to 4"},
            {TRAIN_LABELS, negativeLabel, "has label 255 at example 49: expected 0 to 4"},
            {
                TRAIN_IMAGES,
                IdxFiles.idx(new byte[600], 0x803, TRAIN, COLUMNS, ROWS),
                "holds images of 1x3x4 but the network expects 1x4x3"
            },
            {TRAIN_IMAGES, new byte[0], "has no data (is empty"},
            {TRAIN_LABELS + ".gz", new byte[0], "has no data (is empty"},
            {TRAIN_IMAGES, cut(images, 10), "is cut short: expected a header, found 10 bytes"},
            {TRAIN_IMAGES, cut(images, 16), "is cut short: expected 616 bytes for 50x4x3 images, found 16 bytes"},
            {TRAIN_IMAGES, cut(images, 615), "is cut short: expected 616 bytes for 50x4x3 images, found 615 bytes"},
            {TRAIN_LABELS, cut(labels, 57), "is cut short: expected 58 bytes for 50 labels, found 57 bytes"},
            {TRAIN_IMAGES, cut(images, 617), "is longer than its header says: expected 616 bytes"},
            {TRAIN_LABELS, cut(labels, 60), "is longer than its header says: expected 58 bytes"},
            {TRAIN_IMAGES + ".gz", cut(gzipped, 5), "gzip cut short at its start"},
            {TRAIN_IMAGES + ".gz", cut(gzipped, gzipped.length / 2), "is cut short: expected 616 bytes"},
            {TRAIN_IMAGES + ".gz", cut(gzipped, gzipped.length - 4), "is cut short: expected 616 bytes"},
            {TRAIN_IMAGES + ".gz", flipped, "is damaged gzip (Corrupt GZIP trailer)"},
            {TRAIN_IMAGES + ".gz", IdxFiles.gzip(cut(images, 617)), "is longer than its header says"},
            {
                TRAIN_IMAGES + ".gz",
                images,
                "is named .gz but is not gzip: expected it to start with 0x1f8b, found 0x0000"
            },
            {TRAIN_IMAGES + ".gz", "Not found".getBytes(US_ASCII), "is named .gz but is not gzip"},
            {
                TRAIN_IMAGES,
                IdxFiles.idx(new byte[0], 0x803, 0, ROWS, COLUMNS),
                "expected sizes from 1 to 2147483647, found 0x4x3"
            },
            {
                TRAIN_IMAGES,
                IdxFiles.idx(new byte[9], 0x803, -1, ROWS, COLUMNS),
                "expected sizes from 1 to 2147483647, found 4294967295x4x3"
            },
            {TRAIN_IMAGES, IdxFiles.idx(new byte[9], 0x803, TRAIN, -ROWS, -COLUMNS), "found 50x4294967292x4294967293"},
            {
                TRAIN_IMAGES,
                IdxFiles.idx(new byte[9], 0x803, TRAIN, Integer.MAX_VALUE, Integer.MAX_VALUE),
                "holds images of 1x2147483647x2147483647 but"
            },
        };
    }

    @ParameterizedTest
    @MethodSource("badFiles")
    void aBadFileIsToldBeforeTraining(String file, byte[] content, String message) {
        IdxFiles.writePlain(directory);
        assertThat(directory.resolve(file.replace(".gz", "")).toFile().delete()).isTrue();
        IdxFiles.write(directory.resolve(file), content);
        assertBad(directory.toString(), "file:" + directory.resolve(file), message);
        assertThatThrownBy(() -> open(directory.toString(), 1, 1)).hasMessageContaining(message);
    }

    private void assertBad(String path, String... fragments) {
        assertThatThrownBy(() -> open(path, 0, 0))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll(fragments)
                .hasMessageNotContaining("\n");
    }

    @Test
    void theTestSplitIsCheckedToo() {
        IdxFiles.writePlain(directory);
        IdxFiles.write(directory.resolve(TEST_IMAGES), cut(IdxFiles.images(TEST), 100));
        assertBad(directory.toString(), "/t10k-images-idx3-ubyte is cut short");
    }

    @Test
    void aHeaderThatPromisesTooMuchCostsNoMemory() {
        IdxFiles.writePlain(directory);
        int absurd = Integer.MAX_VALUE;
        IdxFiles.write(directory.resolve(TRAIN_IMAGES), IdxFiles.idx(new byte[600], 0x803, absurd, ROWS, COLUMNS));
        IdxFiles.write(directory.resolve(TRAIN_LABELS), IdxFiles.idx(new byte[50], 0x801, absurd));
        assertBad(directory.toString(), "expected 25769803780 bytes for 2147483647x4x3 images, found 616 bytes");
    }

    @Test
    void missingDataNamesWhatIsExpectedAndWhereToGetIt() throws IOException {
        String[] expected = {
            "expected train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte",
            "/usr/share/datasets/fashion-mnist of Debian's package dataset-fashion-mnist"
        };
        assertBad(directory + "/nowhere", expected);
        assertBad(directory + "/nowhere", "/nowhere has no IDX data", "found no such directory");
        assertBad(directory.toString(), expected);
        assertBad(directory.toString(), "found an empty directory");
        Path file = Files.createFile(directory.resolve("a-file"));
        assertBad(file.toString(), expected);
        assertBad(file.toString(), "found a file");
        assertBad(directory.toString(), "found a-file;");
        assertBad("bundled:nothing", expected);
        assertBad("bundled:nothing", "bundled:nothing has no IDX data", "found no such files bundled in the jar");
    }

    @Test
    void aMissingFileIsNamed() throws IOException {
        IdxFiles.writePlain(directory);
        Files.delete(directory.resolve(TRAIN_LABELS));
        assertBad(
                directory.toString(),
                directory + " lacks train-labels-idx1-ubyte: expected",
                "found t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte, train-images-idx3-ubyte; get what is missing");
    }

    @ParameterizedTest
    @CsvSource({"nosuch:/data,nosuch", "'',empty", "hdfs://no-such-host.invalid/data,no-such-host.invalid"})
    void aPathOfNoFileSystemIsTold(String path, String reason) {
        assertBad(path, "data.path \"" + path + "\" names no usable file system", reason);
    }

    @Test
    void aFileThatCannotBeReadIsTold() throws IOException {
        IdxFiles.writePlain(directory);
        Files.delete(directory.resolve(TRAIN_IMAGES));
        Files.createDirectory(directory.resolve(TRAIN_IMAGES));
        assertBad(directory.toString(), "cannot read file:" + directory.resolve(TRAIN_IMAGES), "check its permissions");
    }

    @Test
    void filesThatChangeAfterOpeningAreTold() throws IOException {
        IdxFiles.writePlain(directory);
        Split train = open().trainFiles();
        IdxFiles.write(directory.resolve(TRAIN_IMAGES), cut(IdxFiles.images(TRAIN), 300));
        assertThatThrownBy(() -> train.read(20, 30))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("cut short");
        assertThatThrownBy(() -> train.read(40, 50))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("cut short");
        IdxFiles.write(directory.resolve(TRAIN_IMAGES), IdxFiles.images(TRAIN - 1));
        assertThatThrownBy(() -> train.read(20, 30))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("changed while in use: expected 50 examples, found 49");
        Files.delete(directory.resolve(TRAIN_IMAGES));
        assertThatThrownBy(() -> train.read(20, 30))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("cannot read");
    }

    /** The local disk, counting the streams that are open. */
    public static final class CountingFileSystem extends LocalFileSystem {
        private static int opened;
        private static int open;

        @Override
        public FSDataInputStream open(org.apache.hadoop.fs.Path path, int bufferSize) throws IOException {
            opened++;
            open++;
            return new FSDataInputStream(super.open(path, bufferSize)) {
                @Override
                public void close() throws IOException {
                    open--;
                    super.close();
                }
            };
        }
    }

    @ParameterizedTest
    @MethodSource("badFiles")
    void everyStreamIsClosedWhateverHappens(String file, byte[] content) throws IOException {
        Configuration hadoop = new Configuration();
        hadoop.setClass("fs.file.impl", CountingFileSystem.class, FileSystem.class);
        hadoop.setBoolean("fs.file.impl.disable.cache", true);
        CountingFileSystem.opened = 0;
        CountingFileSystem.open = 0;
        String path = directory.toString();
        IdxFiles.writePlain(directory);
        IdxSource.open(path, SHAPE, CLASSES, 0, 0, hadoop).trainFiles().read(5, 7);
        assertThat(CountingFileSystem.opened).isEqualTo(6);

        Files.delete(directory.resolve(file.replace(".gz", "")));
        IdxFiles.write(directory.resolve(file), content);
        assertThatThrownBy(() -> IdxSource.open(path, SHAPE, CLASSES, 0, 0, hadoop))
                .isInstanceOf(DataException.class);
        assertThat(CountingFileSystem.opened).isGreaterThan(6);
        assertThat(CountingFileSystem.open).isZero();
    }

    /** As vectors of 12 values both would fit, with their rows cut elsewhere. */
    @Test
    void testImagesOfAnotherShapeThanTheTrainingImagesAreRefused() throws IOException {
        IdxFiles.writePlain(directory);
        Files.write(directory.resolve(TEST_IMAGES), IdxFiles.idx(new byte[TEST * SIZE], 0x803, TEST, COLUMNS, ROWS));
        assertThatThrownBy(() ->
                        IdxSource.open(directory.toString(), Shape.vector(SIZE), CLASSES, 0, 0, new Configuration()))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("holds images of " + COLUMNS + " rows but ")
                .hasMessageContaining(" of " + ROWS + ": expected as many");
    }
}
