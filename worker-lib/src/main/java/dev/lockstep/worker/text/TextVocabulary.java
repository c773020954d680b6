package dev.lockstep.worker.text;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The tokens that a network knows, by their numbers from 0: four that stand for something else, then those of the text, the most
 * frequent first, of equally many in the order of their code points. A part of the model.
 *
 * @param unit what a token is
 * @param lowerCase whether capitals are small letters
 * @param tokens at least the four, each once
 */
public record TextVocabulary(TextUnit unit, boolean lowerCase, List<String> tokens) implements Serializable {
    /** Behind a sequence's end. */
    public static final int PAD = 0;
    /** Before a line. */
    public static final int BOS = 1;
    /** Behind a line. */
    public static final int EOS = 2;
    /** A token that is none of these. */
    public static final int UNKNOWN = 3;

    private static final Comparator<String> CODE_POINTS =
            (a, b) -> Arrays.compare(a.codePoints().toArray(), b.codePoints().toArray());

    private static final List<String> MARKS = List.of("<pad>", "<bos>", "<eos>", "<unk>");

    /** How many there are at least. */
    public static final int LEAST = MARKS.size();

    /** @throws IllegalArgumentException when a token is there twice, or the four are not the first */
    public TextVocabulary {
        tokens = List.copyOf(tokens);
        if (tokens.size() < LEAST || !tokens.subList(0, LEAST).equals(MARKS)) {
            throw new IllegalArgumentException("a vocabulary begins with " + MARKS);
        }
        if (new HashSet<>(tokens).size() < tokens.size()) {
            throw new IllegalArgumentException("a vocabulary has each token once");
        }
    }

    /**
     * Of counted tokens.
     *
     * @param minCount those that are rarer are unknown
     * @param most how many there may be, with the four
     */
    public static TextVocabulary of(
            TextUnit unit, boolean lowerCase, Map<String, Integer> counts, int minCount, int most) {
        List<String> tokens = new ArrayList<>(MARKS);
        counts.entrySet().stream()
                .filter(entry -> entry.getValue() >= minCount && !MARKS.contains(entry.getKey()))
                .sorted(Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry::getKey, CODE_POINTS))
                .limit(Math.max(0, most - LEAST))
                .forEach(entry -> tokens.add(entry.getKey()));
        return new TextVocabulary(unit, lowerCase, tokens);
    }

    /** The tokens of a piece of text, known or not. */
    public static List<String> split(TextUnit unit, boolean lowerCase, String text) {
        return unit.split(lowerCase ? text.toLowerCase(Locale.ROOT) : text);
    }

    /** The numbers of the tokens of a piece of text. */
    public int[] numbers(String text) {
        Map<String, Integer> index = index();
        return split(unit, lowerCase, text).stream()
                .mapToInt(token -> index.getOrDefault(token, UNKNOWN))
                .toArray();
    }

    /** The number of each token. */
    public Map<String, Integer> index() {
        Map<String, Integer> index = new HashMap<>();
        for (String token : tokens) {
            index.put(token, index.size());
        }
        return index;
    }

    /** What a number stands for; of one that the network tells and no token has, the unknown. */
    public String token(int number) {
        return tokens.get(number < tokens.size() ? number : UNKNOWN);
    }

    /** The text of these numbers. */
    public String text(List<Integer> numbers) {
        return unit.join(numbers.stream().map(this::token).toList());
    }
}
