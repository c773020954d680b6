package dev.lockstep.worker.exchange;

import dev.lockstep.worker.tally.Tally;
import java.nio.ByteBuffer;

/**
 * What comes with every slice of a step's sum.
 *
 * @param stop whether the step is the last one
 */
record Total(Tally tally, boolean stop) {
    void writeTo(ByteBuffer message) {
        tally.writeTo(message);
        message.put((byte) (stop ? 1 : 0));
    }

    static Total read(ByteBuffer message, int sums) {
        return new Total(Tally.read(message, sums), message.get() != 0);
    }
}
