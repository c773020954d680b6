package dev.lockstep.driver.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ScoresTest {

    /** Rows: the class; columns: what it was taken for. Class 2 never comes and is never named. */
    private static final Scores SCORES = Scores.of(0.5, new long[][] {{5, 1, 0}, {2, 12, 0}, {0, 0, 0}});

    @Test
    void countsAndShares() {
        assertThat(SCORES.examples()).isEqualTo(20);
        assertThat(SCORES.accuracy()).isEqualTo(17 / 20.0);
        assertThat(SCORES.support(1)).isEqualTo(14);
        assertThat(SCORES.ofTarget("precision", 0)).isEqualTo(5 / 7.0);
        assertThat(SCORES.ofTarget("recall", 0)).isEqualTo(5 / 6.0);
        assertThat(SCORES.ofTarget("f1", 0)).isEqualTo(10 / 13.0);
        assertThat(SCORES.ofTarget("precision", 1)).isEqualTo(12 / 13.0);
    }

    @Test
    void whatCannotBeCountedIsNoNumber() {
        assertThat(SCORES.ofTarget("precision", 2)).isNaN();
        assertThat(SCORES.ofTarget("recall", 2)).isNaN();
        assertThat(SCORES.ofTarget("f1", 2)).isNaN();
    }
}
