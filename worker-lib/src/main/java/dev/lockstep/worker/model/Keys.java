package dev.lockstep.worker.model;

import java.util.List;
import java.util.Set;

/**
 * The keys of one object of a configuration, read by the layer or optimizer that they are for, each with its default and
 * its range beside it. What is wrong is noted, not thrown, so that a user hears of all of it at once; the default is
 * given then. A key that nobody reads is unknown.
 */
public interface Keys {

    boolean has(String key);

    /** A whole number in {@code [least, most]}. */
    int integer(String key, int fallback, int least, int most);

    /** A whole number from {@code least}, or a word that stands for {@code meaning}. */
    int integerOr(String word, int meaning, String key, int fallback, int least);

    double number(String key, double fallback, Interval range);

    /** A number that is computed with as float32: one that rounds to a bound outside the range is refused, too. */
    double float32(String key, double fallback, Interval range);

    /** One of an enum's constants, in lower case with dashes. */
    <E extends Enum<E>> E choice(String key, E fallback, Class<E> type);

    /**
     * One of several words.
     *
     * @param missing what is wrong when there is no such key
     * @return null when there is none, or another (which is noted)
     */
    String word(String key, Set<String> words, String missing);

    /** Any text; the fallback where there is no such key. */
    String text(String key, String fallback);

    /** The objects of a list, none when there is no such key. */
    List<? extends Keys> sections(String key);

    /**
     * Notes what is wrong with a key.
     *
     * @param key empty for the object as a whole
     */
    void problem(String key, String message);

    /** Notes the keys that nobody has read. */
    void close();

    /** A whole number from 1 that has no default. */
    default int required(String key) {
        if (!has(key)) {
            problem(key, "is missing");
        }
        return integer(key, 1, 1, Integer.MAX_VALUE);
    }

    /** A whole number from {@code least}. */
    default int from(int least, String key, int fallback) {
        return integer(key, fallback, least, Integer.MAX_VALUE);
    }
}
