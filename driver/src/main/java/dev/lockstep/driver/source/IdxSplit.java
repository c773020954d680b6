package dev.lockstep.driver.source;

import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.Shape;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Objects;

/**
 * The first {@code size} examples of a pair of IDX files.
 *
 * @param images the name of the file of images
 * @param labels the name of the file of labels; null when nobody asks for them
 * @param rows of an image
 * @param format of an example
 * @param stored the number of examples in the files
 * @param size the number of examples used, at most {@code stored}
 */
record IdxSplit(
        DataLocation location, String images, String labels, int rows, ExampleFormat format, int stored, long size)
        implements Split {

    /**
     * What the files must hold.
     *
     * @param shape of an example
     * @param classes each label is below
     */
    record Expected(Shape shape, int classes, Use use) {}

    /** Reads the files to their ends, checks everything and adds the examples used to the fingerprint. */
    static IdxSplit open(
            DataLocation location,
            String imageFile,
            String labelFile,
            Expected expected,
            long limit,
            MessageDigest fingerprint) {
        try (IdxStream images = new IdxStream(location, imageFile, IdxStream.IMAGES)) {
            checkShape(images, expected);
            int stored = images.size(0);
            int exampleSize = expected.shape().size();
            long used = limit == 0 ? stored : Math.min(limit, stored);
            fingerprint.update(
                    ByteBuffer.allocate(12).putLong(used).putInt(exampleSize).flip());
            if (labelFile == null) {
                readImages(images, exampleSize, used, fingerprint);
            } else {
                try (IdxStream labels = new IdxStream(location, labelFile, IdxStream.LABELS)) {
                    checkCount(images, labels);
                    readImages(images, exampleSize, used, fingerprint);
                    readLabels(labels, expected, used, fingerprint);
                }
            }
            ExampleFormat format = ExampleFormat.bytes(expected.shape(), expected.classes());
            return new IdxSplit(location, imageFile, labelFile, images.size(1), format, stored, used);
        }
    }

    private static void readImages(IdxStream images, int exampleSize, long used, MessageDigest fingerprint) {
        images.read(used * exampleSize, (first, values, length) -> fingerprint.update(values, 0, length));
        images.read((images.size(0) - used) * exampleSize, (first, values, length) -> {});
        images.expectEnd();
    }

    private static void readLabels(IdxStream labels, Expected expected, long used, MessageDigest fingerprint) {
        labels.read(used, (first, values, length) -> {
            checkLabels(labels, first, values, length, expected);
            fingerprint.update(values, 0, length);
        });
        labels.read(
                labels.size(0) - used, (first, values, length) -> checkLabels(labels, first, values, length, expected));
        labels.expectEnd();
    }

    private static void checkCount(IdxStream images, IdxStream labels) {
        if (labels.size(0) != images.size(0)) {
            throw new DataException(
                    "%s has %d images but %s has %d labels: expected as many; get both files of the same data set"
                            .formatted(images.name(), images.size(0), labels.name(), labels.size(0)));
        }
    }

    private static void checkShape(IdxStream images, Expected wanted) {
        Shape expected = wanted.shape();
        int rows = images.size(1);
        int columns = images.size(2);
        boolean fits = expected.isImage()
                ? expected.channels() == 1 && expected.height() == rows && expected.width() == columns
                : expected.size() == (long) rows * columns;
        if (!fits) {
            throw new DataException("%s holds images of 1x%dx%d but the network expects %s; %s"
                    .formatted(images.name(), rows, columns, expected, wanted.use().shape));
        }
    }

    private static void checkLabels(IdxStream labels, long first, byte[] values, int length, Expected expected) {
        for (int i = 0; i < length; i++) {
            int label = Byte.toUnsignedInt(values[i]);
            if (label >= expected.classes()) {
                throw new DataException("%s has label %d at example %d: expected 0 to %d; %s or get the file again"
                        .formatted(labels.name(), label, first + i, expected.classes() - 1, expected.use().classes));
            }
        }
    }

    @Override
    public Block read(long from, long to) {
        Objects.checkFromToIndex(from, to, size);
        int count = Math.toIntExact(to - from);
        int values = format.features().size();
        byte[] features = new byte[Math.multiplyExact(count, values)];
        byte[] classes = new byte[count];
        if (count > 0) {
            fill(images, IdxStream.IMAGES, from * values, features);
            if (labels != null) {
                fill(labels, IdxStream.LABELS, from, classes);
            }
        }
        int[] unsigned = new int[count];
        for (int i = 0; i < count; i++) {
            unsigned[i] = Byte.toUnsignedInt(classes[i]);
        }
        return Block.of(format, from, unsigned, features);
    }

    /** Gzip cannot be entered in the middle, so a range is reached by reading up to it. */
    private void fill(String file, int magic, long from, byte[] values) {
        try (IdxStream stream = new IdxStream(location, file, magic)) {
            if (stream.size(0) != stored) {
                throw new DataException("%s changed while in use: expected %d examples, found %d; start again"
                        .formatted(stream.name(), stored, stream.size(0)));
            }
            stream.skip(from);
            stream.read(values, values.length);
        }
    }
}
