package dev.lockstep.jobs.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;

/** A data set that trains in no time: 200 and 60 images of 4 x 4 in 3 classes, told apart by their brightness. */
final class TinyData {
    static final String TRAIN_IMAGES = "train-images-idx3-ubyte.gz";
    static final String TRAIN_LABELS = "train-labels-idx1-ubyte.gz";
    static final String TEST_IMAGES = "t10k-images-idx3-ubyte.gz";
    static final String TEST_LABELS = "t10k-labels-idx1-ubyte.gz";
    static final int TRAIN = 200;
    static final int TEST = 60;
    static final int CLASSES = 3;

    private TinyData() {}

    static Path write(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.write(folder.resolve(TRAIN_IMAGES), gzip(images(TRAIN)));
        Files.write(folder.resolve(TRAIN_LABELS), gzip(labels(TRAIN)));
        Files.write(folder.resolve(TEST_IMAGES), gzip(images(TEST)));
        Files.write(folder.resolve(TEST_LABELS), gzip(labels(TEST)));
        return folder;
    }

    /** What a network needs to be told to take these. */
    static List<String> network(Path data) {
        return List.of(
                "data.path=" + data,
                "network.input=[1,4,4]",
                "network.classes=3",
                "network.layers=[{type=dense,units=6,activation=relu},{type=output}]",
                "train.batch-size=20",
                "train.shards=2");
    }

    static byte[] images(int count) {
        Random random = new Random(count);
        ByteBuffer file = ByteBuffer.allocate(16 + 16 * count)
                .putInt(0x803)
                .putInt(count)
                .putInt(4)
                .putInt(4);
        for (int i = 0; i < 16 * count; i++) {
            file.put((byte) (i / 16 % CLASSES * 70 + random.nextInt(80)));
        }
        return file.array();
    }

    static byte[] labels(int count) {
        ByteBuffer file = ByteBuffer.allocate(8 + count).putInt(0x801).putInt(count);
        for (int i = 0; i < count; i++) {
            file.put((byte) (i % CLASSES));
        }
        return file.array();
    }

    static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(content);
        }
        return bytes.toByteArray();
    }
}
