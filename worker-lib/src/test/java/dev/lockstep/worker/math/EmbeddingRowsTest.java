package dev.lockstep.worker.math;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddingRowsTest {
    private static final float[] ROWS = {1, 2, 3, 4, 5, 6};
    private static final int[] LENGTHS = {3, 1};

    /** Tokens 2, 0, 2 and 1; what is behind the second one's end would name no row. */
    private static Sequences tokens() {
        return new Sequences(memory(2, 1, 0, 9, 2, 9), 3, 1, LENGTHS);
    }

    @Test
    void whatComesOutAreTheRowsAndTheirGradientsAreSumsOverThePlaces() {
        EmbeddingRows kernel = new EmbeddingRows(3);
        Sequences y = new Sequences(memory(new float[12]), 3, 2, LENGTHS);
        kernel.forward(tokens(), List.of(memory(ROWS)), y, true);
        assertThat(Recurrence.all(y.memory())).containsExactly(5, 6, 3, 4, 1, 2, 0, 0, 5, 6, 0, 0);
        Sequences dy = new Sequences(memory(1, 2, 4, 8, 16, 32, 99, 99, 64, 128, 99, 99), 3, 2, LENGTHS);
        NativeFloats gradient = memory(7, 7, 7, 7, 7, 7);
        Sequences dx = new Sequences(memory(7, 7, 7, 7, 7, 7), 3, 1, LENGTHS);
        kernel.backward(tokens(), List.of(memory(ROWS)), dy, List.of(gradient), dx);
        assertThat(Recurrence.all(gradient)).containsExactly(16, 32, 4, 8, 65, 130);
        assertThat(Recurrence.all(dx.memory())).containsOnly(0);
    }

    @Test
    void numbersOfOneStepComeSideBySide() {
        Sequences pairs = new Sequences(memory(2, 1), 1, 2, new int[] {1});
        Sequences y = new Sequences(memory(new float[4]), 1, 4, new int[] {1});
        EmbeddingRows kernel = new EmbeddingRows(3);
        kernel.forward(pairs, List.of(memory(ROWS)), y, true);
        assertThat(Recurrence.all(y.memory())).containsExactly(5, 6, 3, 4);
        NativeFloats gradient = memory(new float[6]);
        Sequences dy = new Sequences(memory(1, 2, 3, 4), 1, 4, new int[] {1});
        kernel.backward(pairs, List.of(memory(ROWS)), dy, List.of(gradient), null);
        assertThat(Recurrence.all(gradient)).containsExactly(0, 0, 3, 4, 1, 2);
    }

    @ParameterizedTest
    @ValueSource(floats = {-1, 3, 0.5f, Float.NaN})
    void whatNamesNoRowIsSaid(float token) {
        Sequences x = new Sequences(memory(token), 1, 1, new int[] {1});
        Sequences y = new Sequences(memory(new float[2]), 1, 2, new int[] {1});
        assertThatThrownBy(() -> new EmbeddingRows(3).forward(x, List.of(memory(ROWS)), y, false))
                .isInstanceOf(ValueException.class)
                .hasMessage(
                        "embedding: step 0 of a sequence is " + token
                                + "; expected a whole number from 0 to 2: mend the data, or let the layer's vocabulary be larger");
    }

    private static NativeFloats memory(float... values) {
        NativeFloats memory = NativeFloats.allocate(values.length);
        memory.write(0, values, 0, values.length);
        return memory;
    }
}
