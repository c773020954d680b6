package dev.lockstep.jobs.cli;

import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.failure.DivergenceException;
import dev.lockstep.worker.failure.LockstepException;
import dev.lockstep.worker.failure.ModelException;

/** The exit codes of CONTRACT. */
final class ExitCode {
    static final int DONE = 0;
    static final int FAULT = 1;
    static final int USAGE = 2;
    static final int DATA = 3;
    static final int DIVERGED = 4;
    static final int MODEL = 5;
    static final int INTERRUPTED = 130;

    private ExitCode() {}

    static int of(Throwable thrown) {
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
        return FAULT;
    }

    /** The one line a user gets to see. */
    static String message(Throwable thrown) {
        LockstepException ours = LockstepException.in(thrown);
        if (ours != null) {
            return ours.getMessage();
        }
        Throwable root = thrown;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        String text = root.getMessage() == null
                ? ""
                : root.getMessage().lines().findFirst().orElse("");
        return root.getClass().getSimpleName() + (text.isEmpty() ? "" : ": " + text) + " (--debug shows where)";
    }
}
