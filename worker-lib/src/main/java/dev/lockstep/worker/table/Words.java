package dev.lockstep.worker.table;

import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/** The order of words: by code points, as everywhere in Spark and whatever the locale. */
public final class Words {
    private static final Comparator<String> ORDER =
            (a, b) -> Arrays.compare(a.codePoints().toArray(), b.codePoints().toArray());

    private Words() {}

    /** Each of them once, ascending. */
    public static List<String> inOrder(Collection<String> words) {
        return words.stream().distinct().sorted(ORDER).toList();
    }

    /** The place of a word in a list in this order; below 0 when it is not there. */
    static int indexOf(List<String> words, String word) {
        return Collections.binarySearch(words, word, ORDER);
    }
}
