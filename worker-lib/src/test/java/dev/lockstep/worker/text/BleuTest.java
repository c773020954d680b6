package dev.lockstep.worker.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class BleuTest {

    private static double of(String... pairs) {
        Bleu bleu = new Bleu();
        for (int i = 0; i < pairs.length; i += 2) {
            bleu.add(List.of(pairs[i].split(" ")), List.of(pairs[i + 1].split(" ")));
        }
        return bleu.score();
    }

    /** Papineni et al. 2002, section 2: of "the" seven times, two are in the reference. */
    @Test
    void aTokenCountsAsOftenAsItIsInTheReference() {
        assertThat(of("the cat is on the mat", "the cat is on the mat")).isCloseTo(100, within(1e-9));
        assertThat(of("the the the the the the the", "the cat is on the mat")).isZero();
    }

    /** By hand: 5/6, 3/5, 2/4, 1/3 of runs of 1 to 4. */
    @Test
    void theMeanOfTheRunsIsGeometric() {
        double expected = 100 * Math.pow(5 / 6.0 * 3 / 5 * 2 / 4 * 1 / 3, 0.25);
        assertThat(of("the cat sat on the mat", "the cat is on the mat"))
                .as("5, 3, 1 and no run of four")
                .isZero();
        assertThat(of("a b c d x e", "a b c d e f")).isCloseTo(expected, within(1e-9));
    }

    /** Counts are of all sentences together, and so is the penalty: 8 tokens for 10. */
    @Test
    void shortSentencesArePunished() {
        double precision = Math.pow(8 / 8.0 * 6 / 6 * 4 / 4 * 2 / 2, 0.25);
        assertThat(of("a b c d", "a b c d e", "f g h i", "f g h i j"))
                .isCloseTo(100 * precision * Math.exp(1 - 10 / 8.0), within(1e-9));
        assertThat(of()).isZero();
    }
}
