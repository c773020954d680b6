package dev.lockstep.driver.run;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lock of the operating system on a file in the folder: it goes with its process, however that ends. To the operating
 * system it is the process's, and gone as soon as the process closes the file anywhere; so within the process it is kept
 * count of, and the file is never opened while it is held.
 */
final class SystemLock extends FolderLock {
    static final String FILE = ".lock";

    private static final Logger LOG = LoggerFactory.getLogger(SystemLock.class);
    private static final int LONGEST_OWNER = 200;
    private static final Set<Path> HELD = new HashSet<>();

    private final Path file;
    private final FileChannel channel;
    private final Object identity;

    private SystemLock(RunFolder folder, Path file, FileChannel channel, Object identity) {
        super(folder);
        this.file = file;
        this.channel = channel;
        this.identity = identity;
    }

    static FolderLock on(RunFolder folder) throws IOException {
        Path file = Path.of(folder.path().toUri()).toRealPath().resolve(FILE);
        synchronized (HELD) {
            if (HELD.contains(file)) {
                throw inUse(folder, "this one");
            }
            while (true) {
                FileChannel channel = FileChannel.open(
                        file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
                Object opened = identity(file);
                if (channel.tryLock() == null) {
                    String owner = owner(channel);
                    channel.close();
                    throw inUse(folder, owner);
                }
                if (opened != null && opened.equals(identity(file))) {
                    channel.truncate(0).write(ByteBuffer.wrap(self().getBytes(StandardCharsets.UTF_8)));
                    HELD.add(file);
                    return new SystemLock(folder, file, channel, opened);
                }
                channel.close(); // the one before deleted it between our opening and our lock
            }
        }
    }

    private static String owner(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(LONGEST_OWNER);
        channel.read(bytes, 0);
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
    }

    /** What tells a file from another one of its name; null when there is none. */
    private static Object identity(Path file) throws IOException {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    @Override
    public boolean isHeld() {
        try {
            return loss() == null;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    String loss() throws IOException {
        return identity.equals(identity(file)) ? null : "was deleted or moved";
    }

    @Override
    public void close() {
        synchronized (HELD) {
            try {
                if (loss() == null) {
                    Files.delete(file); // before it is free: whoever finds it there can lock it
                }
                channel.close();
            } catch (IOException e) {
                LOG.warn("cannot give {} back: {}", file, e.toString());
            }
            HELD.remove(file);
        }
    }
}
