package dev.lockstep.worker.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TextCutTest {
    private static final int[] GIVEN = {7, 8, 9};

    private static TextCut cut(boolean lines, boolean pairs) {
        return new TextCut(TextTask.NEXT, 2, 0, lines, pairs);
    }

    @Test
    void aNetworkIsGivenWhatItSawInTraining() {
        assertThat(cut(false, false).beginning(GIVEN)).containsExactly(7, 8, 9);
        assertThat(cut(true, false).beginning(GIVEN)).containsExactly(TextVocabulary.BOS, 7, 8, 9);
        assertThat(cut(false, true).beginning(GIVEN)).containsExactly(7, 8, 9, TextVocabulary.BOS);
        assertThat(cut(true, false).seen(GIVEN)).as("steps of it").containsExactly(8, 9);
        assertThat(cut(false, true).seen(GIVEN)).as("lines are whole").containsExactly(7, 8, 9);
        assertThat(cut(false, false).seen(new int[] {7})).containsExactly(7);
    }

    @Test
    void whatNoTextIsCutByIsRefused() {
        assertThatThrownBy(() -> new TextCut(null, 0, 0, false, false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("found null, 0 and 0");
    }
}
