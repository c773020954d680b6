package dev.lockstep.worker.exchange;

import dev.lockstep.worker.tally.Tally;
import java.nio.ByteBuffer;

/**
 * What is known of a step's sum beside its values.
 *
 * @param stop whether this is the last step
 */
record Total(Tally tally, boolean stop) {
    static int bytes(int sums) {
        return Tally.bytes(sums) + 1;
    }

    void writeTo(ByteBuffer message) {
        tally.writeTo(message);
        message.put((byte) (stop ? 1 : 0));
    }

    static Total read(ByteBuffer message, int sums) {
        return new Total(Tally.read(message, sums), message.get() != 0);
    }
}
