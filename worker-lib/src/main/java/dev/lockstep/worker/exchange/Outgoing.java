package dev.lockstep.worker.exchange;

import java.nio.ByteBuffer;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Something to be sent, written where it is to lie: into memory that the other JVM sees, or where there is none, into memory of ours
 * for the network.
 */
final class Outgoing {
    private final int capacity;
    private final Supplier<ByteBuffer> own;
    private final Consumer<ByteBuffer> content;
    private ByteBuffer written;

    /**
     * @param capacity how many bytes it has, and so the answer to it, at most
     * @param own gives empty memory of that many bytes, little-endian
     * @param content writes all of it; may be called several times, until the answer has come
     */
    Outgoing(int capacity, Supplier<ByteBuffer> own, Consumer<ByteBuffer> content) {
        this.capacity = capacity;
        this.own = own;
        this.content = content;
    }

    int capacity() {
        return capacity;
    }

    void writeTo(ByteBuffer memory) {
        content.accept(memory);
    }

    /** In memory of our own, the same at each call. */
    synchronized ByteBuffer bytes() {
        if (written == null) {
            ByteBuffer memory = own.get();
            content.accept(memory);
            written = memory.flip();
        }
        return written.duplicate();
    }
}
