package dev.lockstep.worker.kernel;

import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Objects;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A run of floats in native memory: the one door between our kernels and memory outside the heap. Everything that goes
 * through it is checked against the length, copies by the JDK's buffers, addresses for the matrix products by
 * {@link #address(long, long)}. Valid as long as what it was made of.
 *
 * <p>Why copies at all: the compiler of Java 17 makes vector code of loops over heap arrays, not of loops over native
 * memory. So a kernel copies a few kilobytes (they stay in the first cache), works on them, and copies the result back.
 */
final class NativeFloats {
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
     * The memory of an array, in memory order.
     *
     * @throws IllegalArgumentException when the array has gaps (its values are not one run of memory) or is not float32
     */
    static NativeFloats of(INDArray array) {
        return of(array, 0, array.length());
    }

    /** The same of a part of it. */
    static NativeFloats of(INDArray array, long from, long length) {
        if (!isDense(array)) {
            throw new IllegalArgumentException("needs float32 values without gaps, has " + array.shapeInfoToString());
        }
        checkExtent(array.data(), array.length());
        Objects.checkFromIndexSize(from, length, array.length());
        var start = new Address(new FloatPointer(array.data().addressPointer()), array.length());
        return new NativeFloats(start.at(start.address() + from * Float.BYTES), length, array);
    }

    /** An array is as long as it says only if its buffer, perhaps a piece of a larger one, goes on for as long. */
    static void checkExtent(DataBuffer buffer, long length) {
        Objects.checkFromIndexSize(buffer.offset(), length, buffer.underlyingLength());
    }

    /** New memory, its values undefined, freed when nobody holds it; starts at a cache line. */
    static NativeFloats allocate(long length) {
        int line = 64;
        var block = new FloatPointer(length + line / Float.BYTES);
        var start = new Address((block.address() + line - 1) / line * line, length);
        return new NativeFloats(start, length, block);
    }

    /** Whether the values of a float32 array fill one run of memory, in whatever order. */
    static boolean isDense(INDArray array) {
        long last = 0;
        for (int dimension = 0; dimension < array.rank(); dimension++) {
            long size = array.size(dimension);
            if (size > 1) {
                last += (size - 1) * array.stride(dimension);
            }
        }
        return array.dataType() == org.nd4j.linalg.api.buffer.DataType.FLOAT && last == array.length() - 1;
    }

    int length() {
        return length;
    }

    /** The address of a value, for native code that touches the {@code extent} values from it on. */
    long address(long from, long extent) {
        Objects.checkFromIndexSize(from, extent, length);
        return address + from * Float.BYTES;
    }

    void read(int from, float[] into, int at, int count) {
        floats.get(from, into, at, count);
    }

    /** Reads values as their bits; comparing and masking bits is what the compiler makes vector code of. */
    void read(int from, int[] into, int at, int count) {
        bits.get(from, into, at, count);
    }

    void write(int to, float[] values, int at, int count) {
        floats.put(to, values, at, count);
    }

    void write(int to, int[] values, int at, int count) {
        bits.put(to, values, at, count);
    }

    void copy(int to, NativeFloats source, int from, int count) {
        floats.put(to, source.floats, from, count);
    }

    void zero(int from, int count) {
        for (int done = 0; done < count; done += ZEROS.length) {
            floats.put(from + done, ZEROS, 0, Math.min(ZEROS.length, count - done));
        }
    }

    /** A pointer to any address; owns nothing. */
    static final class Address extends FloatPointer {
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
