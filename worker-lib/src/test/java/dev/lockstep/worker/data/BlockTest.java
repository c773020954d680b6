package dev.lockstep.worker.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.Shape;
import org.junit.jupiter.api.Test;

class BlockTest {
    private static final Block BLOCK = Block.of(
            ExampleFormat.bytes(Shape.vector(2), 1 << 20), 100, new int[] {3, 70_000}, new byte[] {1, 2, (byte) 200, 4
            });

    @Test
    void packsAnExampleByItsIndexInTheDataSet() {
        assertThat(BLOCK.size()).isEqualTo(2);
        assertThat(BLOCK.packed(100)).containsExactly(3, 0, 0, 0, 1, 2);
        assertThat(BLOCK.packed(101)).containsExactly(0x70, 0x11, 1, 0, 200, 4);
        assertThat(ExampleFormat.classOf(BLOCK.packed(101))).isEqualTo(70_000);
    }

    @Test
    void knowsWhatItContains() {
        assertThat(BLOCK.contains(99)).isFalse();
        assertThat(BLOCK.contains(100)).isTrue();
        assertThat(BLOCK.contains(101)).isTrue();
        assertThat(BLOCK.contains(102)).isFalse();
    }

    @Test
    void refusesValuesThatDoNotMatch() {
        assertThatThrownBy(
                        () -> Block.of(ExampleFormat.bytes(Shape.vector(3), 1 << 20), 0, new int[] {1, 2}, new byte[5]))
                .hasMessage("2 examples of 3 values need 6 bytes, found 5");
    }
}
