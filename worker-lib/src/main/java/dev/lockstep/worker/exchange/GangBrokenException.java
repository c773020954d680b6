package dev.lockstep.worker.exchange;

/** Another member of the gang failed, was lost, or did not answer in time: the cause is elsewhere. */
public final class GangBrokenException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    GangBrokenException(String message) {
        super(message);
    }
}
