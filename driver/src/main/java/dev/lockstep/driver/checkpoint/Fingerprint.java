package dev.lockstep.driver.checkpoint;

import dev.lockstep.worker.failure.Excerpt;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What two runs must share to be the same run: everything that the trained bits depend on, by key. It is compared by
 * what keys mean, so that one written before a key was there, or was called as it is today, is still known.
 *
 * @param values by key
 * @param usual the keys with the value that they have when nobody gives them; where one is not written, that was it
 * @param free keys that no bit depends on, whatever is written of them
 * @param renamed what keys are called now, by what they were called
 */
public record Fingerprint(
        Map<String, String> values, Set<String> usual, Set<String> free, Map<String, String> renamed) {
    private static final String ABSENT = "(absent)";

    public Fingerprint {
        values = new TreeMap<>(values);
    }

    /** One without usual values, free keys and old names. */
    public static Fingerprint of(Map<String, String> values) {
        return new Fingerprint(values, Set.of(), Set.of(), Map.of());
    }

    /**
     * The first key in which a written one differs, as {@code KEY is VALUE there and VALUE here}.
     *
     * @return null when there is none
     */
    String difference(Map<String, String> written) {
        Map<String, String> theirs = new TreeMap<>();
        written.forEach((key, value) -> theirs.put(renamed.getOrDefault(key, key), value));
        Set<String> keys = new TreeSet<>(theirs.keySet());
        keys.addAll(values.keySet());
        keys.removeAll(free);
        for (String key : keys) {
            String here = values.get(key);
            String there = theirs.get(key);
            boolean same = there == null ? isUsual(key) : here != null && same(here, there);
            if (!same) {
                return Excerpt.of(key) + " is " + (there == null ? ABSENT : Excerpt.of(there)) + " there and "
                        + (here == null ? ABSENT : Excerpt.of(here)) + " here";
            }
        }
        return null;
    }

    /** A list's values have their places behind its key. */
    private boolean isUsual(String key) {
        return usual.contains(key) || usual.contains(key.replaceFirst("\\[\\d+]$", ""));
    }

    /** Numbers are the same however they are written. */
    private static boolean same(String one, String other) {
        if (one.equals(other)) {
            return true;
        }
        try {
            return new BigDecimal(one).compareTo(new BigDecimal(other)) == 0;
        } catch (NumberFormatException e) {
            return false;
        }
    }
}
