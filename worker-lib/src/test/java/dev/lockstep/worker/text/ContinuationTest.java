package dev.lockstep.worker.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ContinuationTest {
    private static final int A = 4;
    private static final int B = 5;

    /** After a nothing is sure; after b surely a comes, and after that the end. */
    private static float[] next(int[] context) {
        int last = context[context.length - 1];
        float[] p = new float[8];
        if (last == TextVocabulary.BOS) {
            p[A] = 0.5f;
            p[B] = 0.4f;
            p[TextVocabulary.UNKNOWN] = 0.6f;
            p[7] = 0.9f;
        } else if (last == B) {
            p[A] = 1;
        } else if (context.length > 1 && context[context.length - 2] == B) {
            p[TextVocabulary.EOS] = 1;
        } else {
            p[A] = 0.3f;
            p[B] = 0.3f;
            p[TextVocabulary.EOS] = 0.2f;
        }
        return p;
    }

    private static final Continuation TOY = new Continuation(
            contexts -> contexts.stream().map(ContinuationTest::next).toArray(float[][]::new), 6);

    private static final int[] START = {TextVocabulary.BOS};

    @Test
    void oneBeamTakesTheLikeliestAndTwoFindTheLikelierWay() {
        assertThat(TOY.search(START, 4, 1)).containsExactly(A, A, A, A);
        assertThat(TOY.search(START, 4, 2)).containsExactly(B, A, TextVocabulary.EOS);
        assertThat(TOY.search(START, 2, 2)).containsExactly(B, A);
    }

    @Test
    void whatIsDrawnComesAsOftenAsItIsLikely() {
        long first = IntStream.range(0, 9000)
                .filter(seed -> TOY.draw(START, 1, 1, seed)[0] == A)
                .count();
        assertThat(first / 9000.0).isBetween(0.54, 0.57); // of 0.9 together
        long colder = IntStream.range(0, 9000)
                .filter(seed -> TOY.draw(START, 1, 0.5, seed)[0] == A)
                .count();
        assertThat(colder / 9000.0).isBetween(0.59, 0.63); // 25 to 16
        assertThat(TOY.draw(START, 5, 1, 3)).isEqualTo(TOY.draw(START, 5, 1, 3));
    }

    @Test
    void theLikeliestAreInOrder() {
        assertThat(TOY.likeliest(next(START), 3)).isEqualTo(List.of(A, B, TextVocabulary.EOS));
    }
}
