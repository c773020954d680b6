package dev.lockstep.worker.failure;

/** A command line or a configuration that cannot be run. */
public final class ConfigurationException extends LockstepException {
    private static final long serialVersionUID = 1L;

    public ConfigurationException(String message) {
        super(message, null);
    }

    public ConfigurationException(String message, Throwable cause) {
        super(message, cause);
    }
}
