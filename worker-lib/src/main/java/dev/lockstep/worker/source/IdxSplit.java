package dev.lockstep.worker.source;

import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.model.ExampleFormat;
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
public record IdxSplit(
        DataLocation location, String images, String labels, int rows, ExampleFormat format, int stored, long size)
        implements Split {

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
