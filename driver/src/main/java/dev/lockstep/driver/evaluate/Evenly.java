package dev.lockstep.driver.evaluate;

import java.util.List;
import java.util.stream.IntStream;

/** What is shown of a list of which not all can be told apart. */
public final class Evenly {
    private Evenly() {}

    /** The first, the last, and what lies evenly between; at most so many. */
    public static <T> List<T> chosen(List<T> all, int most) {
        int count = Math.min(most, all.size());
        return IntStream.range(0, count)
                .mapToObj(i -> all.get((int) ((long) i * (all.size() - 1) / Math.max(1, count - 1))))
                .toList();
    }
}
