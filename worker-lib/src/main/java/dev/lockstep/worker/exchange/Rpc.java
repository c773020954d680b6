package dev.lockstep.worker.exchange;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/** How the tasks of a gang reach its coordinator in the driver. */
interface Rpc {

    /**
     * On the driver: lets tasks reach a coordinator.
     *
     * @param name of the coordinator
     * @return ends it: nobody reaches it any more
     */
    Runnable serve(String name, Receiver coordinator);

    /**
     * In a task.
     *
     * @param patienceNanos how long a question is kept whose answer nobody waits for any more
     * @throws RuntimeException when the driver does not know the name, or no longer
     */
    CoordinatorRef find(String name, long patienceNanos);

    /** Takes what members send. It must not wait. */
    interface Receiver {
        /** @param peer whom the message comes from */
        void receive(ByteBuffer message, String peer, Transport.Reply reply);
    }

    /** The way to one coordinator. */
    interface CoordinatorRef {
        /** The future gives the answer's own bytes, or fails with a {@link GangBrokenException}. */
        CompletableFuture<ByteBuffer> ask(ByteBuffer message);
    }
}
