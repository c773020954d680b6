package dev.lockstep.worker.exchange;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.function.Consumer;
import org.apache.spark.storage.StorageUtils;

/**
 * Memory that two JVMs of one machine share: one message at a time is written by one of them and read by the other, and a word says
 * whose turn it is. The file behind it begins with its own name, by which the other knows that it sees the same file, and is deleted
 * once it does.
 */
final class MappedFile {
    private static final String PREFIX = "lockstep-";
    private static final int PAGE = 4096;
    private static final VarHandle WORDS = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());
    private static final int TURN = 0; // where it lies
    private static final int LENGTH = Integer.BYTES;
    private static final int MESSAGE = 64; // a cache line of its own
    private static final byte[] ZEROS = new byte[16 * PAGE];

    private final MappedByteBuffer memory;
    private int users;
    private boolean closed;

    /** Who does what next. */
    enum Turn {
        /** Nothing was asked yet. */
        NONE,
        /** A message is there, to be taken by the other. */
        ASKED,
        /** The other is about to answer. */
        TAKEN,
        /** An answer is there, to be read by the owner before it asks again. */
        ANSWERED
    }

    private MappedFile(MappedByteBuffer memory) {
        this.memory = memory;
    }

    /**
     * A new one, which the owner of the process alone may open, with room for a message and then some.
     *
     * @throws IOException when the disk is full: written to, it would kill the JVM if its pages were found missing later
     */
    static Path create(Path folder, int length) throws IOException {
        Path file = Files.createTempFile(
                folder, PREFIX, "", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            long left = PAGE + ((MESSAGE + length) / PAGE + 2L) * PAGE;
            ByteBuffer first = ByteBuffer.allocate(PAGE).put(name(file)).rewind();
            left -= channel.write(first);
            while (left > 0) {
                left -= channel.write(ByteBuffer.wrap(ZEROS, 0, (int) Math.min(ZEROS.length, left)));
            }
        } catch (IOException e) {
            Files.deleteIfExists(file);
            throw e;
        }
        return file;
    }

    /** @throws IOException when it is not here, or is another file of that name */
    static MappedFile open(Path file) throws IOException {
        byte[] name = name(file);
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                || !file.getFileName().toString().startsWith(PREFIX)) {
            throw new IOException(file + " is not here");
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            byte[] first = new byte[name.length];
            channel.read(ByteBuffer.wrap(first), 0);
            if (!Arrays.equals(first, name)) {
                throw new IOException(file + " is another file here");
            }
            return new MappedFile(channel.map(FileChannel.MapMode.READ_WRITE, PAGE, channel.size() - PAGE));
        }
    }

    private static byte[] name(Path file) {
        return file.getFileName().toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Of a message, in bytes. */
    int room() {
        return memory.capacity() - MESSAGE;
    }

    /**
     * @param content writes no more than there is room for
     * @return how many bytes that were; -1 when it is closed
     */
    int write(Consumer<ByteBuffer> content) {
        int[] length = {-1};
        use(room(), memory -> {
            content.accept(memory);
            length[0] = memory.position();
        });
        return length[0];
    }

    /**
     * Passes the turn on, after all that was written before.
     *
     * @param length of what was written
     */
    synchronized void pass(Turn next, int length) {
        if (!closed) {
            WORDS.set(memory, LENGTH, length);
            WORDS.setRelease(memory, TURN, next.ordinal());
        }
    }

    /** Whether it is this turn; then all that was written before it was passed on may be read. */
    synchronized boolean isAt(Turn turn) {
        return !closed && (int) WORDS.getAcquire(memory, TURN) == turn.ordinal();
    }

    /** Takes what was asked; of several threads one alone. */
    synchronized boolean take() {
        boolean asked = isAt(Turn.ASKED);
        if (asked) {
            WORDS.set(memory, TURN, Turn.TAKEN.ordinal());
        }
        return asked;
    }

    /** Of what was written before the turn was passed on. */
    synchronized int length() {
        return closed ? 0 : (int) WORDS.get(memory, LENGTH);
    }

    /**
     * Lets somebody at the memory. No lock is held meanwhile; whoever closes it does not wait either.
     *
     * @param length of the message that was written
     * @return whether it is not closed
     */
    boolean use(int length, Consumer<ByteBuffer> user) {
        ByteBuffer message = hold(length);
        if (message == null) {
            return false;
        }
        try {
            user.accept(message);
        } finally {
            release();
        }
        return true;
    }

    /**
     * The memory, which stays until somebody calls {@link #release}.
     *
     * @param length of the message that was written
     * @return null when it is closed
     */
    synchronized ByteBuffer hold(int length) {
        if (closed) {
            return null;
        }
        users++;
        return memory.duplicate()
                .position(MESSAGE)
                .limit(MESSAGE + length)
                .slice()
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    synchronized void release() {
        users--;
        dispose();
    }

    /** Gives the memory back, not when a collection happens to, but as soon as nobody uses it. */
    synchronized void close() {
        if (!closed) {
            closed = true;
            dispose();
        }
    }

    private void dispose() {
        if (closed && users == 0) {
            StorageUtils.dispose(memory);
        }
    }
}
