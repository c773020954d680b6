package dev.lockstep.worker.reduce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;

class FloatArrayTest {
    private static byte[] bytes(float[] values, ByteOrder order) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        FloatArray.of(values).writeTo(out, order);
        return out.toByteArray();
    }

    @Test
    void bytesAreInTheOrderAsked() throws IOException {
        assertThat(bytes(new float[] {1, -2}, ByteOrder.LITTLE_ENDIAN))
                .containsExactly(0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0);
        assertThat(bytes(new float[] {1, -2}, ByteOrder.BIG_ENDIAN)).containsExactly(0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0);
        assertThat(bytes(new float[0], ByteOrder.BIG_ENDIAN)).isEmpty();
    }

    /** Bit for bit, also where numbers compare equal or not at all, in several pieces and in the middle of one. */
    @Test
    void thereAndBack() throws IOException, ClassNotFoundException {
        float[] values = new float[600_001];
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.intBitsToFloat(i * 0x9e3779b9);
        }
        values[0] = -0f;
        values[600_000] = Float.intBitsToFloat(0x7fc12345);
        byte[] file = bytes(values, ByteOrder.BIG_ENDIAN);
        assertThat(file).hasSize(2_400_004);
        assertSameBits(
                FloatArray.readFrom(new ByteArrayInputStream(file), 600_001, ByteOrder.BIG_ENDIAN)
                        .values(),
                values);

        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(sent)) {
            out.writeObject(FloatArray.of(values));
            out.writeObject("behind it");
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(sent.toByteArray()))) {
            assertSameBits(((FloatArray) in.readObject()).values(), values);
            assertThat(in.readObject()).isEqualTo("behind it");
        }
        assertThat(sent.size()).isLessThan(2_450_000);
        assertThatThrownBy(() -> FloatArray.readFrom(new ByteArrayInputStream(file), 600_002, ByteOrder.BIG_ENDIAN))
                .isInstanceOf(EOFException.class);
    }

    private static void assertSameBits(float[] found, float[] expected) {
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            if (Float.floatToRawIntBits(found[i]) != Float.floatToRawIntBits(expected[i])) {
                assertThat(Float.floatToRawIntBits(found[i]))
                        .as("value %d", i)
                        .isEqualTo(Float.floatToRawIntBits(expected[i]));
            }
        }
    }

    /** A large model is not there twice while its parts are put together. */
    @Test
    void partsThatAreJoinedAreEmpty() {
        FloatArray whole = FloatArray.of(new float[] {1, 2, 3});
        List<FloatArray> parts = List.of(whole.part(0, 2), whole.part(1, 2));
        assertThat(FloatArray.joined(parts)).containsExactly(1, 2, 3);
        assertThat(parts).allMatch(part -> part.bytes() == 0);
        assertThat(whole.values()).containsExactly(1, 2, 3);
    }

    /** Parts travel without the rest of their array, and together are it. */
    @Test
    void partsAreJoined() throws IOException, ClassNotFoundException {
        float[] values = {1, 2, 3, 4, 5, 6, 7};
        FloatArray whole = FloatArray.of(values);
        List<FloatArray> parts = List.of(whole.part(0, 3), whole.part(1, 3), whole.part(2, 3));
        assertThat(parts.get(1).values()).containsExactly(3, 4);
        assertThat(parts.get(1).bytes()).isEqualTo(8);
        assertThat(FloatArray.joined(List.of(whole.part(0, 3), whole.part(1, 3), whole.part(2, 3))))
                .containsExactly(values);
        assertThat(FloatArray.joined(List.of(whole.part(0, 1)))).isSameAs(values);
        assertThat(FloatArray.joined(List.of(whole.part(0, 9), whole.part(1, 9))))
                .containsExactly(1);
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(sent)) {
            out.writeObject(parts.get(2));
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(sent.toByteArray()))) {
            FloatArray back = (FloatArray) in.readObject();
            assertThat(back.values()).containsExactly(5, 6, 7);
            assertThat(back.sha256())
                    .isEqualTo(FloatArray.of(new float[] {5, 6, 7}).sha256());
        }
    }

    @Test
    void aCheckSumIsOfTheLittleEndianBytes() throws IOException {
        assertThat(FloatArray.of(new float[] {1, -2, 0.5f}).sha256())
                .isEqualTo("2ce4bdb6b34a50ac7092eb9fee94337a27498e9eb9bae44192f15b88831b2422");
    }
}
