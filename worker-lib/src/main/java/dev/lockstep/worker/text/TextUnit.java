package dev.lockstep.worker.text;

import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** What a token of a text is. */
public enum TextUnit {
    /**
     * A run of letters and digits, which may have an apostrophe or a hyphen inside; any other character that is seen is a token of its
     * own.
     */
    WORDS,
    /** A code point, blanks too. */
    CHARACTERS;

    private static final String INSIDE = "[\\p{L}\\p{M}\\p{N}]+";
    private static final Pattern WORD = Pattern.compile(INSIDE + "(?:['’\\-]" + INSIDE + ")*|[^\\s\\p{Z}]");
    private static final Pattern NO_BLANK_BEFORE = Pattern.compile("[.,;:!?)\\]}’”»、。]");

    /** The tokens of a piece of text, in order. */
    public List<String> split(String text) {
        return this == WORDS
                ? WORD.matcher(text).results().map(MatchResult::group).toList()
                : text.codePoints().mapToObj(Character::toString).toList();
    }

    /** A text of these tokens; between words a blank, but before a mark that closes. */
    public String join(List<String> tokens) {
        StringBuilder text = new StringBuilder();
        for (String token : tokens) {
            boolean close = this == CHARACTERS
                    || text.isEmpty()
                    || NO_BLANK_BEFORE.matcher(token).matches();
            text.append(close ? "" : " ").append(token);
        }
        return text.toString();
    }
}
