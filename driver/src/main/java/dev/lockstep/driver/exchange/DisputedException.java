package dev.lockstep.driver.exchange;

import dev.lockstep.worker.exchange.Dispute;

/** A gang ended because two of its tasks computed a shard to different bits: one of them cannot be trusted. */
final class DisputedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Dispute dispute;

    DisputedException(Dispute dispute) {
        super(dispute.toString());
        this.dispute = dispute;
    }

    Dispute dispute() {
        return dispute;
    }
}
