package dev.lockstep.worker.failure;

/** A checkpoint or a model file that is missing, damaged or of another run. */
public final class ModelException extends LockstepException {
    private static final long serialVersionUID = 1L;

    public ModelException(String message) {
        super(message, null);
    }

    public ModelException(String message, Throwable cause) {
        super(message, cause);
    }
}
