package dev.lockstep.worker.picture;

import java.util.Locale;

/** What is wrong with the bytes of a picture; who reads it says of which one. */
final class BadPicture extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BadPicture(String format, Object... arguments) {
        super(String.format(Locale.ROOT, format, arguments), null, false, false);
    }

    static BadPicture cutShort(String expected, int found) {
        return new BadPicture("it is cut short: expected %s, found the end after %,d bytes", expected, found);
    }
}
