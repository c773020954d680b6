package dev.lockstep.worker.failure;

/** A loss or a gradient that is no longer a finite number. Training stops before the step is applied. */
public final class DivergenceException extends LockstepException {
    private static final long serialVersionUID = 1L;

    public DivergenceException(String message) {
        super(message, null);
    }

    public DivergenceException(String message, Throwable cause) {
        super(message, cause);
    }
}
