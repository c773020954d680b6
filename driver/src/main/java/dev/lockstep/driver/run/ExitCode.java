package dev.lockstep.driver.run;

import dev.lockstep.driver.checkpoint.WriteException;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.failure.DivergenceException;
import dev.lockstep.worker.failure.Excerpt;
import dev.lockstep.worker.failure.LockstepException;
import dev.lockstep.worker.failure.ModelException;

/** The exit codes of docs/operate.md. */
public final class ExitCode {
    public static final int DONE = 0;
    public static final int FAULT = 1;
    public static final int USAGE = 2;
    public static final int DATA = 3;
    public static final int DIVERGED = 4;
    public static final int MODEL = 5;
    public static final int INTERRUPTED = 130;

    private ExitCode() {}

    public static int of(Throwable thrown) {
        LockstepException ours = LockstepException.in(thrown);
        if (ours instanceof ConfigurationException) {
            return USAGE;
        } else if (ours instanceof DataException) {
            return DATA;
        } else if (ours instanceof DivergenceException) {
            return DIVERGED;
        } else if (ours instanceof ModelException) {
            return MODEL;
        }
        return ours == null && told(thrown) instanceof DamagedFileException ? MODEL : FAULT;
    }

    /** The one line a user gets to see. */
    public static String message(Throwable thrown) {
        LockstepException ours = LockstepException.in(thrown);
        if (ours != null) {
            return ours.getMessage();
        }
        Throwable root = told(thrown);
        if (root instanceof WriteException || root instanceof DamagedFileException) {
            return root.getMessage();
        }
        String kind = root.getClass().getSimpleName();
        String text = Excerpt.line(root);
        return (text.equals(kind) ? kind : kind + ": " + text) + " (--debug shows where)";
    }

    /** What the user is told of: the root of it, or what names a damaged file. */
    private static Throwable told(Throwable thrown) {
        Throwable told = thrown;
        while (!(told instanceof DamagedFileException) && told.getCause() != null && told.getCause() != told) {
            told = told.getCause();
        }
        return told;
    }
}
