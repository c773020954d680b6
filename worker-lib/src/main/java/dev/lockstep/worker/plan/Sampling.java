package dev.lockstep.worker.plan;

/** How the examples of a batch are drawn. */
public enum Sampling {
    /** Each example once an epoch, in an order of that epoch's own; the last batch may be short. */
    EPOCH,
    /** Each place of each batch draws any example; every batch is full. */
    WITH_REPLACEMENT
}
