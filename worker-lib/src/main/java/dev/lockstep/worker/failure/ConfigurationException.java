package dev.lockstep.worker.failure;

import java.util.List;

/** A command line or a configuration that cannot be run. */
public final class ConfigurationException extends LockstepException {
    private static final long serialVersionUID = 1L;

    /** The largest number of problems that are told at once. */
    private static final int TOLD = 20;

    public ConfigurationException(String message) {
        super(message, null);
    }

    public ConfigurationException(String message, Throwable cause) {
        super(message, cause);
    }

    /**
     * @param problems one a line
     * @param of what they are of, such as "the configuration"
     * @throws ConfigurationException that tells the problems, when there are any
     */
    public static void refuse(List<String> problems, String of) {
        if (problems.isEmpty()) {
            return;
        }
        String told = String.join("\n  ", problems.subList(0, Math.min(TOLD, problems.size())));
        throw new ConfigurationException(
                problems.size() == 1
                        ? told
                        : problems.size() + " problems in " + of + ":\n  " + told
                                + (problems.size() > TOLD ? "\n  and " + (problems.size() - TOLD) + " more" : ""));
    }
}
