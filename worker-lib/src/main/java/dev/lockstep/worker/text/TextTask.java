package dev.lockstep.worker.text;

/** What is told of a text. */
public enum TextTask {
    /**
     * The token that follows: example k of a sequence tells that at 1 + k · stride from the up to {@code steps} before it; where every
     * step is told, it is the tokens from k · stride on, {@code steps} of them or what there are, each to be told the one that follows
     * it.
     */
    NEXT,
    /** Each token from the up to {@code steps} on either side: the continuous bag of words of Mikolov et al. 2013. */
    MIDDLE,
    /** From each token each of the up to {@code steps} on either side, one an example: their skip-gram. */
    NEIGHBOURS
}
