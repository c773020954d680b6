package dev.lockstep.worker.source;

import dev.lockstep.worker.failure.DataException;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.ZipException;

/**
 * One IDX file being read: a header of big-endian ints (a magic number, then the size of each dimension, examples
 * first), then the body, one unsigned byte a value. Failures are told as {@link DataException}s that name the file.
 */
public final class IdxStream implements Closeable {

    /** Magic numbers. The last byte is the number of dimensions: examples x rows x columns, or examples. */
    public static final int IMAGES = 0x00000803;

    public static final int LABELS = 0x00000801;

    private static final int CHUNK = 1 << 16;

    private final String name;
    private final int magic;
    private final InputStream in;
    private final int[] sizes;
    private long position;

    /** Opens a file and reads its header, whose sizes are all at least 1. */
    public IdxStream(DataLocation location, String file, int magic) {
        this.name = location.nameOf(file);
        this.magic = magic;
        try {
            this.in = location.open(file);
        } catch (IOException e) {
            throw failure(e);
        }
        try {
            int found = readInt();
            if (found != magic) {
                throw new DataException("%s is not an IDX file of %s: expected magic number 0x%08x, found 0x%08x; %s"
                        .formatted(name, kind(), magic, found, "get the file again, or check that none are swapped"));
            }
            this.sizes = IntStream.range(0, magic & 0xff).map(i -> readInt()).toArray();
            if (Arrays.stream(sizes).anyMatch(size -> size < 1)) {
                throw broken("has a damaged header: expected sizes from 1 to " + Integer.MAX_VALUE + ", found "
                        + dimensions());
            }
        } catch (DataException e) {
            try (this) {
                throw e;
            }
        }
    }

    /** The size of a dimension as the header has it; 0 is the number of examples. */
    public int size(int dimension) {
        return sizes[dimension];
    }

    /** As messages call it. */
    public String name() {
        return name;
    }

    /** Passes over values of the body. The end of the file is found by the next read. */
    void skip(long values) {
        try {
            in.skipNBytes(values);
            position += values;
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** Fills the buffer with the next {@code length} values. */
    void read(byte[] into, int length) {
        try {
            for (int done = 0; done < length; ) {
                int n = in.read(into, done, length - done);
                if (n < 0) {
                    throw new EOFException();
                }
                done += n;
                position += n;
            }
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** Takes a piece of the body: {@code length} values, the first of which has the index {@code first} in it. */
    @FunctionalInterface
    public interface Taker {
        void take(long first, byte[] values, int length);
    }

    /** Reads values in small pieces: a header that lies about its size costs no memory. */
    public void read(long values, Taker taker) {
        byte[] chunk = new byte[(int) Math.min(values, CHUNK)];
        for (long left = values; left > 0; ) {
            int n = (int) Math.min(left, chunk.length);
            read(chunk, n);
            taker.take(position - header() - n, chunk, n);
            left -= n;
        }
    }

    /** Checks that the body ends here (and gzip's own check sum with it). */
    public void expectEnd() {
        try {
            if (in.read() >= 0) {
                throw broken("is longer than its header says: expected " + expected() + ", found more");
            }
        } catch (IOException e) {
            throw failure(e);
        }
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            throw failure(e);
        }
    }

    private int readInt() {
        byte[] bytes = new byte[Integer.BYTES];
        read(bytes, bytes.length);
        return ByteBuffer.wrap(bytes).getInt();
    }

    private int header() {
        return Integer.BYTES * (1 + sizes.length);
    }

    private DataException failure(IOException cause) {
        if (cause instanceof ZipException) {
            return broken("is damaged gzip (" + cause.getMessage() + ") after " + position + " decompressed bytes");
        }
        if (!(cause instanceof EOFException)) {
            return DataLocation.unreadable(name, cause);
        }
        if (position == 0) {
            return broken(
                    "has no data (is empty, or gzip cut short at its start): expected " + kind() + ", found 0 bytes");
        }
        return broken("is cut short: expected " + (sizes == null ? "a header" : expected()) + ", found " + position
                + " bytes" + (cause.getMessage() == null ? "" : " of unfinished gzip data"));
    }

    private DataException broken(String what) {
        return new DataException(name + " " + what + "; get the file again");
    }

    /** The body's length is only computed once the sizes are known to be those of the network. */
    private String expected() {
        long body = Arrays.stream(sizes).asLongStream().reduce(1, Math::multiplyExact);
        return header() + body + " bytes for " + dimensions() + " " + kind();
    }

    private String dimensions() {
        return Arrays.stream(sizes).mapToObj(Integer::toUnsignedString).collect(Collectors.joining("x"));
    }

    private String kind() {
        return magic == IMAGES ? "images" : "labels";
    }
}
