package dev.lockstep.driver.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.ByteOrder;
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

    @Test
    void aCheckSumIsOfTheLittleEndianBytes() throws IOException {
        float[] values = {1, -2, 0.5f};
        assertThat(FloatArray.of(values).sha256())
                .isEqualTo(TrainingState.sha256(bytes(values, ByteOrder.LITTLE_ENDIAN)));
    }
}
