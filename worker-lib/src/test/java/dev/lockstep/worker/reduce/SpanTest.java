package dev.lockstep.worker.reduce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpanTest {

    /** The largest power of two below the length goes left. */
    @ParameterizedTest
    @CsvSource({"0, 2, 1", "0, 3, 2", "0, 4, 2", "0, 5, 4", "0, 8, 4", "0, 9, 8", "4, 7, 6", "8, 300, 264"})
    void splitsAtThePowerOfTwo(int from, int to, int middle) {
        Span span = new Span(from, to);
        assertThat(span.left()).isEqualTo(new Span(from, middle));
        assertThat(span.right()).isEqualTo(new Span(middle, to));
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "3, 2", "-1, 2"})
    void refusesToBeEmpty(int from, int to) {
        assertThatThrownBy(() -> new Span(from, to)).hasMessage("not a span of shards: [" + from + ", " + to + ")");
    }
}
