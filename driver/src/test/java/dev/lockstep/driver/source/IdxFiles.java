package dev.lockstep.driver.source;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/** A small data set in IDX files: 50 training and 20 test images of 4 x 3, in 5 classes. */
public final class IdxFiles {

    static final String TRAIN_IMAGES = "train-images-idx3-ubyte";
    static final String TRAIN_LABELS = "train-labels-idx1-ubyte";
    static final String TEST_IMAGES = "t10k-images-idx3-ubyte";
    static final String TEST_LABELS = "t10k-labels-idx1-ubyte";
    static final int TRAIN = 50;
    static final int TEST = 20;
    static final int ROWS = 4;
    static final int COLUMNS = 3;
    static final int SIZE = ROWS * COLUMNS;
    static final int CLASSES = 5;

    private IdxFiles() {}

    /** The value of a pixel: any rule will do that tells examples and pixels apart and needs all 8 bits. */
    static byte pixel(int example, int at) {
        return (byte) (example * 37 + at * 11);
    }

    static int label(int example) {
        return example * 3 % CLASSES;
    }

    static byte[] images(int count) {
        byte[] body = new byte[count * SIZE];
        for (int i = 0; i < body.length; i++) {
            body[i] = pixel(i / SIZE, i % SIZE);
        }
        return idx(body, 0x803, count, ROWS, COLUMNS);
    }

    static byte[] labels(int count) {
        byte[] body = new byte[count];
        for (int i = 0; i < count; i++) {
            body[i] = (byte) label(i);
        }
        return idx(body, 0x801, count);
    }

    static byte[] idx(byte[] body, int... header) {
        ByteBuffer file = ByteBuffer.allocate(Integer.BYTES * header.length + body.length);
        for (int value : header) {
            file.putInt(value);
        }
        return file.put(body).array();
    }

    /** All four files, by name. */
    static Map<String, byte[]> all() {
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put(TRAIN_IMAGES, images(TRAIN));
        files.put(TRAIN_LABELS, labels(TRAIN));
        files.put(TEST_IMAGES, images(TEST));
        files.put(TEST_LABELS, labels(TEST));
        return files;
    }

    public static void writePlain(Path directory) {
        all().forEach((name, content) -> write(directory.resolve(name), content));
    }

    static void writeGzipped(Path directory) {
        all().forEach((name, content) -> write(directory.resolve(name + ".gz"), gzip(content)));
    }

    static void write(Path file, byte[] content) {
        try {
            Files.write(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] gzip(byte[] content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
