package dev.lockstep.worker.exchange;

import java.nio.ByteBuffer;

/**
 * What an executor's sums of a slice begin with, behind the key.
 *
 * @param executor whose they are
 * @param stop whether it wants this step to be the last one
 */
record SliceHeader(int executor, int slice, long step, boolean stop) {
    static final int BYTES = 2 * Integer.BYTES + Long.BYTES + 1;

    ByteBuffer writeTo(ByteBuffer message) {
        return message.putInt(executor).putInt(slice).putLong(step).put((byte) (stop ? 1 : 0));
    }

    static SliceHeader read(ByteBuffer message) {
        return new SliceHeader(message.getInt(), message.getInt(), message.getLong(), message.get() != 0);
    }
}
