package dev.lockstep.worker.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WordVectorsTest {
    private static final List<List<Integer>> TABLE = List.of(List.of(4, 5), List.of(6, 7));

    /** Tokens 4 to 7 on a plane, behind the four marks, which are no answers. */
    private static WordVectors of(float... plane) {
        TextVocabulary vocabulary =
                TextVocabulary.of(TextUnit.WORDS, false, Map.of("a", 4, "b", 3, "c", 2, "d", 1, "e", 1), 1, 100);
        float[] values = new float[2 * vocabulary.tokens().size()];
        System.arraycopy(plane, 0, values, 2 * TextVocabulary.LEAST, plane.length);
        return new WordVectors(vocabulary, 2, values);
    }

    /** a = (1, 0), b = (0, 1), c = (4, 3), d = (-3, 4): b - a + c points to (-.2, 1.6); e is beside it or not. */
    @Test
    void ofAnAnalogyTheNearestIsTheAnswer() {
        WordVectors vectors = of(1, 0, 0, 1, 4, 3, -3, 4, 0, -1);
        assertThat(vectors.nearest(List.of(5, 6), List.of(4), 1).get(0).token()).isEqualTo("d");
        double expected = (0.2 * 0.6 + 1.6 * 0.8) / Math.hypot(0.2, 1.6);
        assertThat(vectors.nearest(List.of(5, 6), List.of(4), 1).get(0).cosine())
                .isCloseTo(expected, within(1e-9));
        assertThat(vectors.analogies(TABLE)).isEqualTo(1);
    }

    /** e beside d: of b - a + c it is the answer, and of d - c + a, (-.4, .2), too. */
    @Test
    void aWordThatIsNearerOrAsNearIsAnswerInItsPlace() {
        assertThat(of(1, 0, 0, 1, 4, 3, -3, 4, -0.1f, 0.8f).analogies(TABLE)).isEqualTo(0.5);
        assertThat(of(1, 0, 0, 1, 4, 3, -3, 4, -3, 4).analogies(TABLE)).isEqualTo(0.5);
    }
}
