package dev.lockstep.worker.model;

/**
 * How large a network is; what is beyond 2^60 is told as that.
 *
 * @param parameters batch norm's running statistics included
 * @param optimizerValues the length of the optimizer's state
 */
public record NetworkSize(long parameters, long optimizerValues) {

    public static final NetworkSize NOTHING = new NetworkSize(0, 0);
    private static final long LARGEST = 1L << 60;

    public NetworkSize {
        parameters = Math.min(LARGEST, parameters);
        optimizerValues = Math.min(LARGEST, optimizerValues);
    }

    public NetworkSize plus(NetworkSize other) {
        return new NetworkSize(parameters + other.parameters, optimizerValues + other.optimizerValues);
    }
}
