package dev.lockstep.driver.checkpoint;

import java.io.IOException;
import org.apache.hadoop.fs.Path;

/** What cannot be written, and why: its message is shown as it is. */
public final class WriteException extends IOException {
    private static final long serialVersionUID = 1L;

    public WriteException(String message) {
        super(message);
    }

    /** @param why what Hadoop threw: of a full local disk that is an error */
    public WriteException(Path file, Throwable why) {
        super("cannot write " + file + ": " + reason(why) + "; make room or choose another --out, then --resume");
        addSuppressed(why); // no cause: the line that is shown is the innermost cause's
    }

    private static String reason(Throwable why) {
        Throwable root = why;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage()).lines().findFirst().orElse("");
    }
}
