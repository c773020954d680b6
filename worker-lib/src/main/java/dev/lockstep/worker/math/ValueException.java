package dev.lockstep.worker.math;

/** A value that a kernel cannot read: the data's fault, not the caller's. */
public final class ValueException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    ValueException(String message) {
        super(message);
    }
}
