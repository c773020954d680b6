package dev.lockstep.worker.plan;

/** How the examples of a batch are drawn. */
public enum Sampling {
    /** Each example once an epoch, in an order of that epoch's own; the last batch may be short. */
    EPOCH,
    /** Each example once an epoch, in batches of sequences that are about as long as each other: {@link Buckets}. */
    BUCKETS,
    /** Each place of each batch draws any example; every batch is full. */
    WITH_REPLACEMENT,
    /**
     * Each place of the batch has a part of the examples as its own, and reads it in order; what is left at the end is left out. The
     * state of recurrent layers goes on from one batch to the next of an epoch.
     */
    STREAMS
}
