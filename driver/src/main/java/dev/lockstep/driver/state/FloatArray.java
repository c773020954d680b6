package dev.lockstep.driver.state;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * float32 values on their way: to a file, a check sum, another JVM. They go in pieces, so that an array of any length is
 * carried in little memory, and as bytes, which Java's serialization copies in one go.
 */
public final class FloatArray implements Serializable {
    private static final long serialVersionUID = 1L;

    /** The longest array that every JVM has. */
    public static final long LONGEST = Integer.MAX_VALUE - 8;

    /** Floats a piece: 1 MiB. */
    private static final int PIECE = 1 << 18;

    private transient float[] values;

    private FloatArray(float[] values) {
        this.values = values;
    }

    /** @param values not copied */
    public static FloatArray of(float[] values) {
        return new FloatArray(values);
    }

    /** Not a copy. */
    public float[] values() {
        return values;
    }

    public long bytes() {
        return (long) values.length * Float.BYTES;
    }

    public void writeTo(OutputStream out, ByteOrder order) throws IOException {
        ByteBuffer piece = ByteBuffer.allocate(Math.min(PIECE, values.length) * Float.BYTES)
                .order(order);
        for (int from = 0, count; from < values.length; from += count) {
            count = Math.min(PIECE, values.length - from);
            piece.asFloatBuffer().put(values, from, count);
            out.write(piece.array(), 0, count * Float.BYTES);
        }
    }

    /**
     * Reads as many values. The caller has made sure that there are about so many: memory for them is taken at once.
     *
     * @throws EOFException when there are fewer
     */
    public static FloatArray readFrom(InputStream in, int length, ByteOrder order) throws IOException {
        float[] values = new float[length];
        ByteBuffer piece =
                ByteBuffer.allocate(Math.min(PIECE, length) * Float.BYTES).order(order);
        for (int from = 0, count; from < length; from += count) {
            count = Math.min(PIECE, length - from);
            if (in.readNBytes(piece.array(), 0, count * Float.BYTES) < count * Float.BYTES) {
                throw new EOFException();
            }
            piece.asFloatBuffer().get(values, from, count);
        }
        return new FloatArray(values);
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

    private void writeObject(ObjectOutputStream out) throws IOException {
        out.writeInt(values.length);
        for (int from = 0, count; from < values.length; from += count) {
            count = Math.min(PIECE, values.length - from);
            ByteBuffer piece = ByteBuffer.allocate(count * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            piece.asFloatBuffer().put(values, from, count);
            out.writeUnshared(piece.array()); // unshared: the stream does not hold on to it
        }
    }

    private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
        values = new float[in.readInt()];
        for (int from = 0, count; from < values.length; from += count) {
            count = Math.min(PIECE, values.length - from);
            ByteBuffer.wrap((byte[]) in.readUnshared())
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer()
                    .get(values, from, count);
        }
    }
}
