package dev.lockstep.driver.report;

import java.util.ArrayDeque;
import java.util.Deque;

/** Writes HTML and SVG; whatever is given as text or as an attribute's value is escaped. */
public final class Html {
    private final StringBuilder out = new StringBuilder();
    private final Deque<String> open = new ArrayDeque<>();

    /**
     * Begins an element.
     *
     * @param attributes names and values in turn; one whose value is null is left out
     */
    public Html open(String tag, String... attributes) {
        tag(tag, attributes).append('>');
        open.push(tag);
        return this;
    }

    /** Ends the element begun last. */
    public Html close() {
        out.append("</").append(open.pop()).append('>');
        return this;
    }

    /** An element that holds nothing. */
    public Html empty(String tag, String... attributes) {
        tag(tag, attributes).append("/>");
        return this;
    }

    /** An element that holds text only. */
    public Html element(String tag, String text, String... attributes) {
        return open(tag, attributes).text(text).close();
    }

    public Html text(String text) {
        out.append(escape(text));
        return this;
    }

    /** The beginning of something long, or another name for it, with the whole at hand to be copied. */
    public Html copyable(String shown, String whole) {
        return element("code", shown, "title", whole, "data-copy", whole);
    }

    /** Puts in what another writer wrote. */
    public Html add(Html other) {
        out.append(other);
        return this;
    }

    /** Text that a browser shows as it is, in an element or in a quoted attribute. */
    public static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                case '\t', '\n', '\r' -> escaped.append(c);
                default -> escaped.append(c < ' ' ? '\uFFFD' : c);
            }
        }
        return escaped.toString();
    }

    /**
     * What was written.
     *
     * @throws IllegalStateException when an element is still open
     */
    @Override
    public String toString() {
        if (!open.isEmpty()) {
            throw new IllegalStateException("not closed: " + open);
        }
        return out.toString();
    }

    private StringBuilder tag(String tag, String... attributes) {
        out.append('<').append(tag);
        for (int i = 0; i < attributes.length; i += 2) {
            if (attributes[i + 1] != null) {
                out.append(' ').append(attributes[i]).append("=\"").append(escape(attributes[i + 1]));
                out.append('"');
            }
        }
        return out;
    }
}
