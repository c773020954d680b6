package dev.lockstep.worker.exchange;

import dev.lockstep.worker.exchange.Endpoint.Key;
import java.nio.ByteBuffer;

/** What an executor tells another. */
enum MessageKind {
    /** Its sums of a slice; the answer is the whole sum, or where steps are shared the parameters after the step. */
    SUMS,
    /** What its chunks of the gradient come to; the answer is what the whole gradient comes to. */
    SQUARES;

    static final int BYTES = Key.BYTES + 1;

    ByteBuffer begin(Key key, ByteBuffer empty) {
        return key.writeTo(empty).put((byte) ordinal());
    }

    static MessageKind of(byte told) {
        if (told < 0 || told >= values().length) {
            throw new IllegalArgumentException("no kind of message: " + told);
        }
        return values()[told];
    }
}
