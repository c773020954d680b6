package dev.lockstep.driver.state;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TrainingStateTest {

    /** Python: hashlib.sha256(struct.pack("<3f", 1, -2, 0.5)).hexdigest(), and of nothing. */
    @Test
    void hashesAreOfLittleEndianFloats() {
        TrainingState state = new TrainingState(3, new float[] {1, -2, 0.5f}, new float[0]);
        assertThat(state.parametersSha256())
                .isEqualTo("2ce4bdb6b34a50ac7092eb9fee94337a27498e9eb9bae44192f15b88831b2422");
        assertThat(state.optimizerSha256())
                .isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    @Test
    void oneBitIsAnotherHash() {
        TrainingState zero = new TrainingState(0, new float[] {0f}, new float[] {0f});
        TrainingState minusZero = new TrainingState(0, new float[] {-0f}, new float[] {-0f});
        assertThat(minusZero.parametersSha256()).isNotEqualTo(zero.parametersSha256());
        assertThat(minusZero.optimizerSha256()).isNotEqualTo(zero.optimizerSha256());
    }
}
