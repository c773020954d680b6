package dev.lockstep.worker.reduce;

import java.io.EOFException;
import java.io.Externalizable;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInput;
import java.io.ObjectOutput;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * float32 values on their way: to a file, a check sum, another JVM. They go in pieces, so that an array of any length is
 * carried in little memory.
 */
public final class FloatArray implements Externalizable {
    private static final long serialVersionUID = 1L;

    /** The longest array that every JVM has. */
    public static final long LONGEST = Integer.MAX_VALUE - 8;

    /** Floats a piece: 1 MiB. */
    private static final int PIECE = 1 << 18;

    private float[] values;
    private int start;
    private int length;

    /** For Java's serialization, which fills it. */
    public FloatArray() {
        this(new float[0], 0, 0);
    }

    private FloatArray(float[] values, int start, int length) {
        this.values = values;
        this.start = start;
        this.length = length;
    }

    /** @param values not copied */
    public static FloatArray of(float[] values) {
        return new FloatArray(values, 0, values.length);
    }

    /** One of so many parts, as even as can be; not a copy. */
    public FloatArray part(int place, int parts) {
        int from = (int) ((long) length * place / parts);
        int to = (int) ((long) length * (place + 1) / parts);
        return new FloatArray(values, start + from, to - from);
    }

    /**
     * Takes the values of some arrays, one behind the other; of one alone without a copy. Each is empty as soon as it is
     * copied: all of them twice would be the most memory that a large model ever needs.
     */
    public static float[] joined(List<FloatArray> parts) {
        if (parts.size() == 1) {
            return parts.get(0).values();
        }
        float[] all = new float[parts.stream().mapToInt(part -> part.length).sum()];
        int at = 0;
        for (FloatArray part : parts) {
            System.arraycopy(part.values, part.start, all, at, part.length);
            at += part.length;
            part.values = new float[0];
            part.start = 0;
            part.length = 0;
        }
        return all;
    }

    /** Not a copy, unless this is a part. */
    public float[] values() {
        return length == values.length ? values : Arrays.copyOfRange(values, start, start + length);
    }

    public long bytes() {
        return (long) length * Float.BYTES;
    }

    private interface Sink {
        void write(byte[] bytes, int from, int count) throws IOException;
    }

    public void writeTo(OutputStream out, ByteOrder order) throws IOException {
        writeTo(out::write, order);
    }

    private void writeTo(Sink out, ByteOrder order) throws IOException {
        ByteBuffer piece =
                ByteBuffer.allocate(Math.min(PIECE, length) * Float.BYTES).order(order);
        for (int done = 0, count; done < length; done += count) {
            count = Math.min(PIECE, length - done);
            piece.asFloatBuffer().put(values, start + done, count);
            out.write(piece.array(), 0, count * Float.BYTES);
        }
    }

    private interface Source {
        /** Fills so many bytes. */
        void read(byte[] bytes, int at, int count) throws IOException;
    }

    /**
     * Reads as many values. The caller has made sure that there are about so many: memory for them is taken at once.
     *
     * @throws EOFException when there are fewer
     */
    public static FloatArray readFrom(InputStream in, int length, ByteOrder order) throws IOException {
        FloatArray array = of(new float[length]);
        array.fillFrom(
                (bytes, at, count) -> {
                    if (in.readNBytes(bytes, at, count) < count) {
                        throw new EOFException();
                    }
                },
                order);
        return array;
    }

    /** Fills all of the array. */
    private void fillFrom(Source in, ByteOrder order) throws IOException {
        ByteBuffer piece =
                ByteBuffer.allocate(Math.min(PIECE, length) * Float.BYTES).order(order);
        for (int done = 0, count; done < length; done += count) {
            count = Math.min(PIECE, length - done);
            in.read(piece.array(), 0, count * Float.BYTES);
            piece.asFloatBuffer().get(values, done, count);
        }
    }

    /** SHA-256 of the values as little-endian float32, in hexadecimal. */
    public String sha256() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            writeTo(new DigestOutputStream(OutputStream.nullOutputStream(), digest), ByteOrder.LITTLE_ENDIAN);
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // nothing is written
        }
    }

    @Override
    public void writeExternal(ObjectOutput out) throws IOException {
        out.writeInt(length);
        writeTo(out::write, ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void readExternal(ObjectInput in) throws IOException {
        length = in.readInt();
        values = new float[length];
        fillFrom(in::readFully, ByteOrder.LITTLE_ENDIAN);
    }
}
