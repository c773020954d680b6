package dev.lockstep.driver.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HistogramTest {

    /** Two bins: the fullest reaches the top, one with a quarter of its values half of the height. */
    @Test
    void heightsAreRootsOfCounts() {
        String html = new Histogram("spread", -1, 3, new long[] {1, 4}, new long[] {0, 4})
                .figure()
                .toString();
        assertThat(html).contains("d=\"M0,84V44H120V4H240V84\"", "d=\"M0,84V84H120V4H240V84\"");
        assertThat(html).contains(">-1</text>", ">3</text>");
        assertThat(html).contains("M60,4V84"); // zero is a quarter of the way
    }

    @Test
    void valuesOfOneSignHaveNoZero() {
        String html = new Histogram("spread", 0.25, 0.5, new long[] {1}, new long[] {1})
                .figure()
                .toString();
        assertThat(html).contains(">0.25</text>").doesNotContain("grid");
    }
}
