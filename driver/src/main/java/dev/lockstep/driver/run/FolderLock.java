package dev.lockstep.driver.run;

import dev.lockstep.driver.checkpoint.WriteException;
import dev.lockstep.worker.failure.ConfigurationException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.List;

/** The right to write a folder, which one process has at a time; gone when it is closed or its process has died. */
public abstract sealed class FolderLock implements AutoCloseable permits SystemLock, Heartbeat {
    /** What a lock leaves in a folder when its process is killed. */
    static final List<String> FILES = List.of(SystemLock.FILE, Heartbeat.FILE);

    private final RunFolder folder;

    FolderLock(RunFolder folder) {
        this.folder = folder;
    }

    /**
     * Takes the right: on a local disk by a lock of the operating system; elsewhere by a heartbeat, which takes up to 30 s
     * where another process has died.
     *
     * @param folder is there
     * @throws ConfigurationException when another process has it
     */
    public static FolderLock take(RunFolder folder) throws IOException {
        return folder.path().toUri().getScheme().equals("file")
                ? SystemLock.on(folder)
                : Heartbeat.on(folder, Heartbeat.Rhythm.USUAL);
    }

    /** @throws WriteException when the folder was deleted, or is another process's by now: nothing may be written to it */
    public final void require() throws IOException {
        String loss = loss();
        if (loss != null) {
            throw new WriteException(
                    folder.path() + " " + loss + " while it was being written; nothing more is written there");
        }
    }

    /** Whether the folder is there and this process's, as far as is known without asking a distant file system. */
    public abstract boolean isHeld();

    /** What happened to the folder, or null. */
    abstract String loss() throws IOException;

    @Override
    public abstract void close();

    /** Who holds a lock, for people. */
    static String self() {
        return ManagementFactory.getRuntimeMXBean().getName(); // process@host
    }

    static ConfigurationException inUse(RunFolder folder, String owner) {
        return new ConfigurationException(folder.path() + " is being written by another process"
                + (owner.isBlank() ? "" : " (" + owner.strip() + ")")
                + "; wait for its end, or stop it, or choose another --out");
    }
}
