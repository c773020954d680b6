package dev.lockstep.worker.failure;

import java.util.Locale;

/** What a message quotes of a file or of another's message: on one line, and no longer than a line can be read. */
public final class Excerpt {
    private static final int LONGEST = 120;
    private static final int LONGEST_MESSAGE = 400;

    private Excerpt() {}

    /** A value as it was found. */
    public static String of(Object value) {
        return cut(String.valueOf(value), LONGEST);
    }

    /** The first line of another's message; empty when there is none. */
    public static String line(String message) {
        return message == null ? "" : cut(message.strip().lines().findFirst().orElse(""), LONGEST_MESSAGE);
    }

    /** The same of what went wrong; its kind where it has no message, or none that says anything. */
    public static String line(Throwable thrown) {
        String line = line(thrown.getMessage());
        return line.isEmpty() || line.equals("null") ? thrown.getClass().getSimpleName() : line;
    }

    private static String cut(String text, int longest) {
        String start = text.substring(0, Math.min(text.length(), longest)).replaceAll("[\\p{Cntrl}\u2028\u2029]", " ");
        return text.length() <= longest
                ? start
                : String.format(Locale.ROOT, "%s… (%,d characters)", start, text.length());
    }
}
