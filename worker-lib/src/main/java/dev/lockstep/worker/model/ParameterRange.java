package dev.lockstep.worker.model;

/**
 * Parameters {@code [from, to)} of the flat vector.
 *
 * @param from the first one
 * @param to one past the last one, above {@code from}
 */
public record ParameterRange(int from, int to) {
    public ParameterRange {
        if (from < 0 || to <= from) {
            throw new IllegalArgumentException("not a range of parameters: [" + from + ", " + to + ")");
        }
    }
}
