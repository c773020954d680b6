package dev.lockstep.worker.exchange;

import dev.lockstep.worker.exchange.Endpoint.Key;
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

/**
 * How large messages of a gang travel between JVMs of one host: written to memory that both have mapped, and back the same
 * way. What goes over the network is where they lie; so a peer that is lost is noticed as ever. A message of its own for each
 * of those that are under way at once; they are used again, and end with the gang.
 */
final class HostMemory {
    /** Shorter messages are as quick over the network. */
    static final int LEAST = 1 << 14;

    private static final String OVER = "the gang is over";
    private static final int INSIDE = -1;
    private static final int NOT_HERE = -2;

    private final Path folder;
    private final Key key;
    private final Transport transport;

    // Guarded by this:
    private final Map<Address, List<Lent>> idle = new HashMap<>();
    private final Map<String, MappedFile> others = new HashMap<>();
    private final Set<Lent> own = new HashSet<>();
    private final Set<Path> named = new HashSet<>(); // ours that are still to be deleted
    private final Set<Address> elsewhere = new HashSet<>();
    private boolean closed;

    /** Memory of ours, and where others find it. */
    private record Lent(Path file, MappedFile memory) {}

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
    boolean send(Address to, ByteBuffer message, Transport.Answer answer) {
        if (folder == null || message.remaining() < LEAST) {
            return false;
        }
        Lent lent = lend(to, message.remaining());
        if (lent == null || !lent.memory().write(message)) {
            return false;
        }
        byte[] path = lent.file().toString().getBytes(StandardCharsets.UTF_8);
        ByteBuffer where =
                ByteBuffer.allocate(Key.BYTES + Integer.BYTES + path.length).order(ByteOrder.LITTLE_ENDIAN);
        new Key(mark(key.gang()), key.attempt())
                .writeTo(where)
                .putInt(message.remaining())
                .put(path);
        transport.send(to, where.flip(), new Transport.Answer() {
            @Override
            public void arrived(ByteBuffer back) {
                int length = back.getInt();
                if (length == NOT_HERE) {
                    isElsewhere(to, lent);
                    transport.send(to, message, answer);
                    return;
                }
                if (length == INSIDE) {
                    Reply.read(back, answer);
                } else {
                    read(lent.memory(), length, answer);
                }
                giveBack(to, lent);
            }

            @Override
            public void failed(String why) {
                answer.failed(why);
            }
        });
        return true;
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
            if (free.get(i).memory().room() >= length) {
                return free.remove(i);
            }
        }
        try {
            Path file = MappedFile.create(folder, length);
            Lent made = new Lent(file, MappedFile.open(file));
            own.add(made);
            named.add(file);
            return made;
        } catch (IOException | RuntimeException e) { // no disk to spare, say: the network is always there
            elsewhere.add(to);
            return null;
        }
    }

    private synchronized void giveBack(Address to, Lent lent) {
        if (named.remove(lent.file())) { // the other one has it mapped
            delete(lent.file());
        }
        if (!closed) {
            idle.get(to).add(lent);
        }
    }

    private synchronized void isElsewhere(Address to, Lent lent) {
        elsewhere.add(to);
        own.remove(lent);
        lent.memory().close();
        named.remove(lent.file());
        delete(lent.file());
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // Spark deletes the folder when the application ends.
        }
    }

    /**
     * Takes a message that another JVM of this host has sent.
     *
     * @param where behind its key
     */
    void receive(ByteBuffer where, Reply reply, Receiver receiver) {
        int length = where.getInt();
        MappedFile memory = memory(StandardCharsets.UTF_8.decode(where).toString());
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

    private synchronized MappedFile memory(String path) {
        MappedFile known = others.get(path);
        if (known == null && !closed) {
            try {
                known = MappedFile.open(Path.of(path));
                others.put(path, known);
            } catch (IOException | RuntimeException e) {
                return null;
            }
        }
        return known;
    }

    private static void answer(MappedFile memory, ByteBuffer answer, Reply reply) {
        int length = answer.remaining();
        if (length >= LEAST && memory.write(answer)) {
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

    /** Ends it: what is still under way goes over the network, or fails. */
    synchronized void close() {
        closed = true;
        named.forEach(HostMemory::delete);
        own.forEach(lent -> lent.memory().close());
        others.values().forEach(MappedFile::close);
        named.clear();
        own.clear();
        idle.clear();
        others.clear();
    }
}
