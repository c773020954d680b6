package dev.lockstep.worker.exchange;

/**
 * A shard that two tasks computed to different bits.
 *
 * @param step the round's first
 */
public record Dispute(long step, int shard, Opinion one, Opinion other) {

    /**
     * What a task says.
     *
     * @param executor Spark's name of its JVM
     * @param digest as {@link Audit#digest} makes it, in hexadecimal
     */
    public record Opinion(int task, String executor, String host, String digest) {

        /** Where it was computed, for messages. */
        public String place() {
            return "task " + task + " on " + Attendee.place(executor, host);
        }
    }

    /** As a sentence without a full stop. */
    @Override
    public String toString() {
        return "shard " + shard + " of step " + step + " came out in other bits on " + one.place() + " than on "
                + other.place();
    }
}
