package dev.lockstep.worker.onnx;

import dev.lockstep.worker.reduce.FloatArray;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * A message in Protocol Buffers' encoding (protobuf.dev/programming-guides/encoding), field by field in any order. Floats
 * are asked for when it is written, so that a file of any size costs no memory.
 */
final class Message {
    private static final int VARINT = 0;
    private static final int BYTES = 2;
    private static final int FOUR_BYTES = 5;

    private interface Piece {
        void writeTo(OutputStream out) throws IOException;
    }

    private final List<Piece> pieces = new ArrayList<>();
    private long length;

    /** In bytes. */
    long length() {
        return length;
    }

    Message with(int field, long number) {
        key(field, VARINT);
        varint(number);
        return this;
    }

    Message single(int field, float number) {
        key(field, FOUR_BYTES);
        int bits = Float.floatToIntBits(number);
        add(new byte[] {(byte) bits, (byte) (bits >> 8), (byte) (bits >> 16), (byte) (bits >> 24)});
        return this;
    }

    Message with(int field, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        key(field, BYTES);
        varint(bytes.length);
        add(bytes);
        return this;
    }

    /** @param inner complete: what is added to it later is lost */
    Message with(int field, Message inner) {
        key(field, BYTES);
        varint(inner.length);
        pieces.addAll(inner.pieces);
        length += inner.length;
        return this;
    }

    /** Values as little-endian float32. */
    Message with(int field, long count, Supplier<float[]> values) {
        key(field, BYTES);
        varint(count * Float.BYTES);
        pieces.add(out -> {
            float[] all = values.get();
            if (all.length != count) {
                throw new IllegalStateException(count + " values were announced, there are " + all.length);
            }
            FloatArray.of(all).writeTo(out, ByteOrder.LITTLE_ENDIAN);
        });
        length += count * Float.BYTES;
        return this;
    }

    void writeTo(OutputStream out) throws IOException {
        for (Piece piece : pieces) {
            piece.writeTo(out);
        }
    }

    private void key(int field, int type) {
        varint((long) field << 3 | type);
    }

    /** Seven bits a byte, the lowest first; all but the last have their highest bit set. */
    private void varint(long number) {
        byte[] bytes = new byte[10];
        int count = 0;
        long rest = number;
        while ((rest & ~0x7fL) != 0) {
            bytes[count++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[count++] = (byte) rest;
        add(Arrays.copyOf(bytes, count));
    }

    private void add(byte[] bytes) {
        pieces.add(out -> out.write(bytes));
        length += bytes.length;
    }
}
