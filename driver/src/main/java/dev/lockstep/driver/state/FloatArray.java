package dev.lockstep.driver.state;

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
import java.util.HexFormat;

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

    /** For Java's serialization, which fills it. */
    public FloatArray() {
        this(new float[0]);
    }

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

    private interface Sink {
        void write(byte[] bytes, int from, int count) throws IOException;
    }

    public void writeTo(OutputStream out, ByteOrder order) throws IOException {
        writeTo(out::write, order);
    }

    private void writeTo(Sink out, ByteOrder order) throws IOException {
        ByteBuffer piece = ByteBuffer.allocate(Math.min(PIECE, values.length) * Float.BYTES)
                .order(order);
        for (int from = 0, count; from < values.length; from += count) {
            count = Math.min(PIECE, values.length - from);
            piece.asFloatBuffer().put(values, from, count);
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
        FloatArray array = new FloatArray(new float[length]);
        array.fillFrom(
                (bytes, at, count) -> {
                    if (in.readNBytes(bytes, at, count) < count) {
                        throw new EOFException();
                    }
                },
                order);
        return array;
    }

    private void fillFrom(Source in, ByteOrder order) throws IOException {
        ByteBuffer piece = ByteBuffer.allocate(Math.min(PIECE, values.length) * Float.BYTES)
                .order(order);
        for (int from = 0, count; from < values.length; from += count) {
            count = Math.min(PIECE, values.length - from);
            in.read(piece.array(), 0, count * Float.BYTES);
            piece.asFloatBuffer().get(values, from, count);
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
        out.writeInt(values.length);
        writeTo(out::write, ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void readExternal(ObjectInput in) throws IOException {
        values = new float[in.readInt()];
        fillFrom(in::readFully, ByteOrder.LITTLE_ENDIAN);
    }
}
