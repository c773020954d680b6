package dev.lockstep.worker.failure;

/**
 * A failure that the user can do something about. The message is one line that says what is wrong, where, what was
 * expected, what was found and what to do; it is shown as it is, without a stack trace.
 */
public abstract sealed class LockstepException extends RuntimeException
        permits ConfigurationException, DataException, DivergenceException, ModelException {
    private static final long serialVersionUID = 1L;

    LockstepException(String message, Throwable cause) {
        super(message, cause);
    }

    /**
     * The failure of ours inside {@code thrown}, however deep Spark or a thread pool wrapped it.
     *
     * @return the first {@code LockstepException} of the chain of causes, or null when there is none
     */
    public static LockstepException in(Throwable thrown) {
        Throwable at = thrown;
        for (int depth = 0; at != null && depth < 50; depth++, at = at.getCause()) {
            if (at instanceof LockstepException ours) {
                return ours;
            }
        }
        return null;
    }
}
