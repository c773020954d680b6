package dev.lockstep.worker.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShapeTest {

    @Test
    void countsItsValues() {
        assertThat(new Shape(3, 4, 5).size()).isEqualTo(60);
        assertThat(Shape.vector(7).size()).isEqualTo(7);
        assertThat(new Shape(3, 4, 5)).hasToString("3x4x5");
        assertThat(Shape.vector(7)).hasToString("7");
        assertThat(new Shape(1, 1, 1).isImage()).isTrue();
        assertThat(Shape.vector(1).isImage()).isFalse();
    }

    @Test
    void refusesMoreThanAnArrayHolds() {
        assertThatThrownBy(() -> new Shape(1000, 100_000, 100_000))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a shape of 1000x100000x100000 has more than 2147483647 values");
        assertThat(new Shape(1, 1, Integer.MAX_VALUE).size()).isEqualTo(Integer.MAX_VALUE);
    }

    @ParameterizedTest
    @CsvSource({"0, 0, 0", "1, 0, 5", "1, 5, 0", "-1, 5, 5", "1, -1, -1"})
    void refusesSizesThatAreNone(int channels, int height, int width) {
        assertThatThrownBy(() -> new Shape(channels, height, width))
                .hasMessage("a shape needs positive sizes, found " + channels + "x" + height + "x" + width);
    }
}
