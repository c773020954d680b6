package dev.lockstep.worker.exchange;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * How bytes travel between the executors of a gang. A message may arrive at any time after others, or never; then nobody
 * may hear of it.
 */
interface Transport {

    /**
     * Lets other JVMs in, from the first call on.
     *
     * @param secret what they know; the same at each call
     * @return where they reach this one
     */
    Address open(Secret secret, Receiver receiver);

    /**
     * Sends a message from a JVM that is open. Failures come to {@code answer} alone. Not to be called on a thread of the
     * network: it may connect.
     *
     * @param message flipped; not to be touched before the answer has come
     */
    void send(Address to, ByteBuffer message, Answer answer);

    /** Where a JVM is reached. */
    record Address(String host, int port) {
        byte[] bytes() {
            byte[] text = host.getBytes(StandardCharsets.UTF_8);
            return ByteBuffer.allocate(2 * Integer.BYTES + text.length)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(port)
                    .putInt(text.length)
                    .put(text)
                    .array();
        }

        static List<Address> all(ByteBuffer answer) {
            List<Address> all = new ArrayList<>();
            while (answer.hasRemaining()) {
                int port = answer.getInt();
                byte[] text = new byte[answer.getInt()];
                answer.get(text);
                all.add(new Address(new String(text, StandardCharsets.UTF_8), port));
            }
            return all;
        }

        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    /** Takes messages, on a thread of the network: it must not wait. */
    interface Receiver {
        /** @param message valid only during the call, unless the reply keeps it */
        void receive(ByteBuffer message, Reply reply);
    }

    /** What to do with an answer, on a thread of the network. */
    interface Answer {
        /** @param answer valid only during the call */
        void arrived(ByteBuffer answer);

        void failed(String why);

        /** The future gives a copy of the answer's own bytes, or fails with a {@link GangBrokenException}. */
        static Answer to(CompletableFuture<ByteBuffer> future) {
            return new Answer() {
                @Override
                public void arrived(ByteBuffer answer) {
                    ByteBuffer copy = ByteBuffer.allocate(answer.remaining()).order(ByteOrder.LITTLE_ENDIAN);
                    future.complete(copy.put(answer).flip());
                }

                @Override
                public void failed(String why) {
                    future.completeExceptionally(new GangBrokenException(why));
                }
            };
        }
    }

    /** The way back to who sent a message. */
    interface Reply {
        /** Before what the receiver answers: whether it answers at all. */
        int BYTES = 1;

        byte OK = 0;
        byte REFUSED = 1;

        /** @param answer made by {@link #answer}, flipped; not to be touched before it has travelled */
        void send(ByteBuffer answer);

        /** @param answer begun by {@link #begin} */
        default void send(Outgoing answer) {
            send(answer.bytes());
        }

        /** Whether the message stays where it is, to be read, until it is answered. */
        default boolean keepsMessage() {
            return false;
        }

        default void refuse(String why) {
            byte[] text = why.getBytes(StandardCharsets.UTF_8);
            send(ByteBuffer.allocate(BYTES + text.length).put(REFUSED).put(text).flip());
        }

        /** Tells of what was sent. */
        static void read(ByteBuffer sent, Answer answer) {
            ByteBuffer body = sent.order(ByteOrder.LITTLE_ENDIAN);
            if (body.get() == OK) {
                answer.arrived(body);
            } else {
                answer.failed(StandardCharsets.UTF_8.decode(body).toString());
            }
        }

        /** Starts an answer: what follows is up to the receiver. */
        static ByteBuffer answer(ByteBuffer empty) {
            return begin(empty.clear().order(ByteOrder.LITTLE_ENDIAN));
        }

        static ByteBuffer begin(ByteBuffer empty) {
            return empty.put(OK);
        }
    }
}
