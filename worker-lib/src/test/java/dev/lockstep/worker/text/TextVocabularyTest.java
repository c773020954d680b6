package dev.lockstep.worker.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TextVocabularyTest {

    @Test
    void wordsAreRunsOfLettersAndMarksAreTokens() {
        assertThat(TextUnit.WORDS.split("Don't stop—the well-known \"No. 5\"!"))
                .containsExactly("Don't", "stop", "—", "the", "well-known", "\"", "No", ".", "5", "\"", "!");
        assertThat(TextUnit.WORDS.split(" 学校で　勉強。")).containsExactly("学校で", "勉強", "。");
        assertThat(TextUnit.CHARACTERS.split("a 😀\n")).containsExactly("a", " ", "😀", "\n");
        assertThat(TextUnit.WORDS.join(List.of("Yes", ",", "I", "do", "."))).isEqualTo("Yes, I do.");
    }

    @Test
    void theMostFrequentComeFirst() {
        Map<String, Integer> counts = Map.of("b", 3, "a", 3, "c", 7, "rare", 1, "<unk>", 9, "d", 2);
        TextVocabulary all = TextVocabulary.of(TextUnit.WORDS, true, counts, 2, 100);
        assertThat(all.tokens()).containsExactly("<pad>", "<bos>", "<eos>", "<unk>", "c", "a", "b", "d");
        TextVocabulary cut = TextVocabulary.of(TextUnit.WORDS, true, counts, 1, 6);
        assertThat(cut.tokens()).endsWith("c", "a").hasSize(6);
        assertThat(cut.numbers("A c rare b")).containsExactly(5, 4, 3, 3);
        assertThat(cut.text(List.of(4, 5, 3, 99))).isEqualTo("c a <unk> <unk>");
    }

    @Test
    void aVocabularyOfAFileIsChecked() {
        assertThatThrownBy(() -> new TextVocabulary(TextUnit.WORDS, false, List.of("a")))
                .hasMessage("a vocabulary begins with [<pad>, <bos>, <eos>, <unk>]");
        assertThatThrownBy(() -> new TextVocabulary(
                        TextUnit.WORDS, false, List.of("<pad>", "<bos>", "<eos>", "<unk>", "a", "a")))
                .hasMessage("a vocabulary has each token once");
    }
}
