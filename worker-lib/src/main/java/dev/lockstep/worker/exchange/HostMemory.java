package dev.lockstep.worker.exchange;

import dev.lockstep.worker.exchange.Endpoint.Key;
import dev.lockstep.worker.exchange.MappedFile.Turn;
import dev.lockstep.worker.exchange.Transport.Address;
import dev.lockstep.worker.exchange.Transport.Receiver;
import dev.lockstep.worker.exchange.Transport.Reply;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * How large messages of a gang travel between JVMs of one host: written to memory that both have mapped, and back the same
 * way. Where that lies, the first message says over the network; from the second on a word in it says whose turn it is, and those who
 * {@linkplain #await wait} look. Who waits long asks over the network whether the other is still there, so a peer that is lost is
 * noticed as ever. A piece of memory for each of those messages that are under way at once; they are used again, and end with the gang.
 */
final class HostMemory {
    /** What is shorter goes over the network. */
    static final int LEAST = 1 << 10;

    private static final String OVER = "the gang is over";
    private static final int INSIDE = -1;
    private static final int NOT_HERE = -2;
    private static final int STILL_THERE = -3; // a question, in the place of a length

    private static final long ASK_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long SHORTEST_NAP_NANOS = TimeUnit.MICROSECONDS.toNanos(20);
    private static final long LONGEST_NAP_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int NAPS = 16; // a nap is this part of the time waited: so much later at most

    private final Path folder;
    private final Key key;
    private final Transport transport;

    private final List<Lent> asked = new CopyOnWriteArrayList<>(); // without a word over the network
    private final List<Borrowed> others = new CopyOnWriteArrayList<>();

    // Guarded by this:
    private final Map<Address, List<Lent>> idle = new HashMap<>();
    private final Set<Lent> own = new HashSet<>();
    private final Set<Lent> named = new HashSet<>(); // ours that the other has not opened yet
    private final Set<Address> elsewhere = new HashSet<>();
    private boolean closed;

    /** Memory of ours, and who is asked by it. */
    private static final class Lent {
        private final Address to;
        private final Path file;
        private final MappedFile memory;
        private volatile Transport.Answer answer;
        private volatile long heard; // of the other, when

        Lent(Address to, Path file, MappedFile memory) {
            this.to = to;
            this.file = file;
            this.memory = memory;
        }
    }

    /** Another's memory, and whom its messages are for. */
    private record Borrowed(String path, MappedFile memory, Receiver receiver) {}

    /**
     * @param folder where to make files; null to have all messages travel over the network
     * @param key of the gang
     */
    HostMemory(Path folder, Key key, Transport transport) {
        this.folder = folder;
        this.key = key;
        this.transport = transport;
    }

    /** Whether a message is in the memory of a host, with what {@link Key#gang} it says so. */
    static boolean isMark(long gang) {
        return gang < 0;
    }

    /** A gang's number, as messages have it that are in the memory of a host; and back. */
    static long mark(long gang) {
        return ~gang;
    }

    /**
     * As {@link Transport#send}, to a JVM of this host.
     *
     * @return whether it is on its way; or else it has to go over the network
     */
    boolean send(Address to, Outgoing message, Transport.Answer answer) {
        if (folder == null || message.capacity() < LEAST) {
            return false;
        }
        Lent lent = lend(to, message.capacity());
        int length = lent == null ? -1 : lent.memory.write(message::writeTo);
        if (length < 0) {
            return false;
        }
        if (isNamed(lent)) {
            introduce(lent, length, message, answer);
        } else {
            lent.heard = System.nanoTime();
            lent.answer = answer;
            lent.memory.pass(Turn.ASKED, length); // before anybody may find the last answer here
            asked.add(lent);
        }
        return true;
    }

    /** Sends the first message of some memory: where it lies. */
    private void introduce(Lent lent, int bytes, Outgoing message, Transport.Answer answer) {
        byte[] path = lent.file.toString().getBytes(StandardCharsets.UTF_8);
        transport.send(lent.to, about(bytes, path), new Transport.Answer() {
            @Override
            public void arrived(ByteBuffer back) {
                int length = back.getInt();
                if (length == NOT_HERE) {
                    isElsewhere(lent);
                    transport.send(lent.to, message.bytes(), answer);
                    return;
                }
                if (length == INSIDE) {
                    Reply.read(back, answer);
                } else {
                    read(lent.memory, length, answer);
                }
                giveBack(lent);
            }

            @Override
            public void failed(String why) {
                answer.failed(why);
            }
        });
    }

    private ByteBuffer about(int length, byte[] path) {
        ByteBuffer where =
                ByteBuffer.allocate(Key.BYTES + Integer.BYTES + path.length).order(ByteOrder.LITTLE_ENDIAN);
        new Key(mark(key.gang()), key.attempt()).writeTo(where).putInt(length).put(path);
        return where.flip();
    }

    private static void read(MappedFile memory, int length, Transport.Answer answer) {
        if (!memory.use(length, message -> Reply.read(message, answer))) {
            answer.failed(OVER);
        }
    }

    private synchronized Lent lend(Address to, int length) {
        if (closed || elsewhere.contains(to)) {
            return null;
        }
        List<Lent> free = idle.computeIfAbsent(to, none -> new ArrayList<>());
        for (int i = 0; i < free.size(); i++) {
            if (free.get(i).memory.room() >= length) {
                return free.remove(i);
            }
        }
        try {
            Path file = MappedFile.create(folder, length);
            Lent made = new Lent(to, file, MappedFile.open(file));
            own.add(made);
            named.add(made);
            return made;
        } catch (IOException | RuntimeException e) { // no disk to spare, say: the network is always there
            elsewhere.add(to);
            return null;
        }
    }

    private synchronized boolean isNamed(Lent lent) {
        return named.contains(lent);
    }

    private synchronized void giveBack(Lent lent) {
        if (named.remove(lent)) { // the other one has it mapped
            delete(lent.file);
        }
        if (!closed) {
            idle.get(lent.to).add(lent);
        }
    }

    private synchronized void isElsewhere(Lent lent) {
        elsewhere.add(lent.to);
        own.remove(lent);
        lent.memory.close();
        named.remove(lent);
        delete(lent.file);
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // Spark deletes the folder when the application ends.
        }
    }

    /**
     * Takes what another JVM of this host says over the network: where a first message lies, or a question.
     *
     * @param where behind its key
     */
    void receive(ByteBuffer where, Reply reply, Receiver receiver) {
        int length = where.getInt();
        if (length == STILL_THERE) {
            reply.send(Reply.answer(ByteBuffer.allocate(Reply.BYTES)).flip());
            return;
        }
        MappedFile memory = memory(StandardCharsets.UTF_8.decode(where).toString(), receiver);
        if (memory == null || length < Key.BYTES || length > memory.room()) {
            reply.send(Reply.answer(ByteBuffer.allocate(Reply.BYTES + Integer.BYTES))
                    .putInt(NOT_HERE)
                    .flip());
            return;
        }
        boolean open = memory.use(
                length,
                message -> receiver.receive(message.position(Key.BYTES), answer -> answer(memory, answer, reply)));
        if (!open) {
            reply.refuse(OVER);
        }
    }

    private synchronized MappedFile memory(String path, Receiver receiver) {
        for (Borrowed known : others) {
            if (known.path().equals(path)) {
                return known.memory();
            }
        }
        if (closed) {
            return null;
        }
        try {
            MappedFile opened = MappedFile.open(Path.of(path));
            others.add(new Borrowed(path, opened, receiver));
            return opened;
        } catch (IOException | RuntimeException e) {
            return null;
        }
    }

    private static void answer(MappedFile memory, ByteBuffer answer, Reply reply) {
        int length = answer.remaining();
        if (length >= LEAST && length <= memory.room() && memory.write(to -> to.put(answer.duplicate())) >= 0) {
            reply.send(Reply.answer(ByteBuffer.allocate(Reply.BYTES + Integer.BYTES))
                    .putInt(length)
                    .flip());
        } else {
            reply.send(Reply.answer(ByteBuffer.allocate(Reply.BYTES + Integer.BYTES + length))
                    .putInt(INSIDE)
                    .put(answer.duplicate())
                    .flip());
        }
    }

    /** Whether there is memory in which others are asked, or ask, without a word over the network. */
    boolean isInUse() {
        return !others.isEmpty() || !asked.isEmpty();
    }

    /**
     * As {@link Clock#await}, and looks after messages and answers meanwhile.
     *
     * @param spinNanos for how long to keep the core
     */
    boolean await(Object lock, BooleanSupplier condition, long millis, long spinNanos) throws InterruptedException {
        long began = System.nanoTime();
        while (true) {
            long now = System.nanoTime();
            look(now);
            synchronized (lock) {
                if (condition.getAsBoolean()) {
                    return true;
                }
            }
            long waited = now - began;
            if (waited > TimeUnit.MILLISECONDS.toNanos(millis)) {
                return false;
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            if (waited < spinNanos) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(Math.max(SHORTEST_NAP_NANOS, Math.min(LONGEST_NAP_NANOS, waited / NAPS)));
            }
        }
    }

    /** Takes the messages and answers that are there. */
    private void look(long now) {
        for (Borrowed other : others) {
            if (other.memory().take()) {
                take(other);
            }
        }
        for (Lent lent : asked) {
            if (lent.memory.isAt(Turn.ANSWERED)) {
                if (asked.remove(lent)) {
                    read(lent.memory, lent.memory.length(), lent.answer);
                    giveBack(lent);
                }
            } else if (now - lent.heard > ASK_NANOS) {
                lent.heard = now;
                ask(lent);
            }
        }
    }

    private static void take(Borrowed other) {
        ByteBuffer message = other.memory().hold(other.memory().length());
        if (message == null) {
            return;
        }
        Reply reply = new ReplyInPlace(other.memory());
        try {
            other.receiver().receive(message.position(Key.BYTES), reply);
        } catch (RuntimeException e) {
            reply.refuse(Endpoint.misunderstood(e));
        }
    }

    /** Asks over the network whether the other is still there: if it is not, no answer will come. */
    private void ask(Lent lent) {
        Transport.Answer answer = lent.answer; // which is another's when the memory is used again
        transport.send(lent.to, about(STILL_THERE, new byte[0]), new Transport.Answer() {
            @Override
            public void arrived(ByteBuffer back) {
                // It is.
            }

            @Override
            public void failed(String why) {
                // The other may have answered and left.
                if (lent.answer == answer && !lent.memory.isAt(Turn.ANSWERED) && asked.remove(lent)) {
                    answer.failed(why);
                }
            }
        });
    }

    /** Ends it: what is still under way goes over the network, or fails. */
    synchronized void close() {
        closed = true;
        named.forEach(lent -> delete(lent.file));
        own.forEach(lent -> lent.memory.close());
        others.forEach(other -> other.memory().close());
        named.clear();
        own.clear();
        idle.clear();
        others.clear();
        asked.clear();
    }
}
