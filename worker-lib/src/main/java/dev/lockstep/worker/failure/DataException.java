package dev.lockstep.worker.failure;

/** Input data that cannot be read, or that is not what the configuration says. */
public final class DataException extends LockstepException {
    private static final long serialVersionUID = 1L;

    public DataException(String message) {
        super(message, null);
    }

    public DataException(String message, Throwable cause) {
        super(message, cause);
    }
}
