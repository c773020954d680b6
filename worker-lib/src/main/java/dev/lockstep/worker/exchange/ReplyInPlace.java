package dev.lockstep.worker.exchange;

import dev.lockstep.worker.exchange.MappedFile.Turn;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * The way back of a message that another JVM of this host has written to memory: it stays there until it is answered, then the answer
 * takes its place. No answer is longer than the message's capacity, as who asked has promised.
 */
final class ReplyInPlace implements Transport.Reply {
    private final MappedFile memory;
    private final AtomicBoolean answered = new AtomicBoolean();

    /** @param memory held for this message; released by the answer */
    ReplyInPlace(MappedFile memory) {
        this.memory = memory;
    }

    @Override
    public boolean keepsMessage() {
        return true;
    }

    @Override
    public void send(ByteBuffer answer) {
        write(to -> to.put(answer.duplicate()));
    }

    @Override
    public void send(Outgoing answer) {
        write(answer::writeTo);
    }

    private void write(Consumer<ByteBuffer> answer) {
        if (answered.compareAndSet(false, true)) {
            int length;
            try {
                length = memory.write(answer);
            } finally {
                memory.release();
            }
            memory.pass(Turn.ANSWERED, length);
        }
    }
}
