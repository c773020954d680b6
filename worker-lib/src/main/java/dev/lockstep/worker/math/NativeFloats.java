package dev.lockstep.worker.math;

import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Objects;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * A run of floats in native memory: the one door between our kernels and memory outside the heap. Everything that goes
 * through it is checked against the length, copies by the JDK's buffers, addresses for the matrix products by
 * {@link #address(long, long)}. Valid as long as what it was made of.
 *
 * <p>Why copies at all: the compiler of Java 17 makes vector code of loops over heap arrays, not of loops over native
 * memory. So a kernel copies a few kilobytes (they stay in the first cache), works on them, and copies the result back.
 */
public final class NativeFloats {
    private static final float[] ZEROS = new float[4096];

    private final long address;
    private final int length;
    private final FloatBuffer floats;
    private final IntBuffer bits;

    @SuppressWarnings({"unused", "FieldCanBeLocal"}) // held, so that the memory lives as long as this
    private final Object owner;

    private NativeFloats(Pointer pointer, long length, Object owner) {
        this.address = pointer.address();
        this.length = Math.toIntExact(length);
        // A buffer ends at 2 GiB: what lies behind is only to be reached by its address, or by a run of its own.
        var bytes = new Address(address, Math.min(length, Integer.MAX_VALUE / Float.BYTES))
                .asByteBuffer()
                .order(ByteOrder.nativeOrder());
        this.floats = bytes.asFloatBuffer();
        this.bits = bytes.asIntBuffer();
        this.owner = owner;
    }

    /**
     * Memory that somebody else holds.
     *
     * @param from the value of {@code start} that it begins with
     * @param owner what it lives as long as
     */
    public static NativeFloats at(FloatPointer start, long from, long length, Object owner) {
        Address address = new Address(start, length);
        return new NativeFloats(address.at(address.address() + from * Float.BYTES), length, owner);
    }

    /** New memory, its values undefined, freed when nobody holds it; starts at a cache line. */
    public static NativeFloats allocate(long length) {
        int line = 64;
        var block = new FloatPointer(length + line / Float.BYTES);
        var start = new Address((block.address() + line - 1) / line * line, length);
        return new NativeFloats(start, length, block);
    }

    public int length() {
        return length;
    }

    /** The address of a value, for native code that touches the {@code extent} values from it on. */
    public long address(long from, long extent) {
        Objects.checkFromIndexSize(from, extent, length);
        return address + from * Float.BYTES;
    }

    public void read(int from, float[] into, int at, int count) {
        floats.get(from, into, at, count);
    }

    /** Reads values as their bits; comparing and masking bits is what the compiler makes vector code of. */
    public void read(int from, int[] into, int at, int count) {
        bits.get(from, into, at, count);
    }

    public void write(int to, float[] values, int at, int count) {
        floats.put(to, values, at, count);
    }

    public void write(int to, int[] values, int at, int count) {
        bits.put(to, values, at, count);
    }

    public void copy(int to, NativeFloats source, int from, int count) {
        floats.put(to, source.floats, from, count);
    }

    public void zero(int from, int count) {
        for (int done = 0; done < count; done += ZEROS.length) {
            floats.put(from + done, ZEROS, 0, Math.min(ZEROS.length, count - done));
        }
    }

    /** A pointer to any address; owns nothing. */
    public static final class Address extends FloatPointer {
        Address(long address, long length) {
            super((Pointer) null);
            this.address = address;
            this.limit = length;
            this.capacity = length;
        }

        Address(FloatPointer start, long length) {
            this(start.address() + start.position() * Float.BYTES, length);
        }

        Address at(long newAddress) {
            this.address = newAddress;
            return this;
        }
    }
}
