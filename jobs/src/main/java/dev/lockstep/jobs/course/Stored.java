package dev.lockstep.jobs.course;

import dev.lockstep.driver.run.TrialLine;
import dev.lockstep.worker.failure.Excerpt;
import java.util.List;
import java.util.Objects;

/** Values of a file that may be damaged; what cannot be is an {@link IllegalArgumentException}, as records throw it. */
final class Stored {
    private Stored() {}

    static String text(String text) {
        return Objects.requireNonNullElse(text, "");
    }

    static <T> List<T> list(List<T> list) {
        if (list == null) {
            return List.of();
        }
        check(list.stream().noneMatch(Objects::isNull), "a list has null in it");
        return List.copyOf(list);
    }

    /** A trial's folder is below {@code trials/} and nowhere else. */
    static void checkFolder(String name) {
        check(TrialLine.isName(name), "a trial cannot be called '" + Excerpt.of(name) + "'");
    }

    static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
