package dev.lockstep.driver.run;

import java.io.IOException;

/** A file of a folder does not hold what we write there. */
public final class DamagedFileException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String reason;

    /**
     * @param place the file
     * @param reason in a line: what was expected, what was found
     */
    public DamagedFileException(String place, String reason, Throwable cause) {
        super(place + ": is damaged: " + reason, cause);
        this.reason = reason;
    }

    /** What is wrong with it, without its name. */
    public String reason() {
        return reason;
    }
}
