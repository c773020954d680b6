package dev.lockstep.driver.run;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file that its process writes anew every few seconds, for file systems without locks. Who finds one waits to see
 * whether it changes; one that does not is a dead process's, and taken over. No clocks are compared.
 */
final class Heartbeat extends FolderLock {
    static final String FILE = ".heartbeat";

    private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);

    /**
     * @param beat between two signs of life
     * @param patience without one until a process counts as dead
     */
    record Rhythm(Duration beat, Duration patience) {
        static final Rhythm USUAL = new Rhythm(Duration.ofSeconds(5), Duration.ofSeconds(30));
    }

    private final RunFolder folder;
    private final String name = self() + " " + UUID.randomUUID();
    private final ScheduledExecutorService heart = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "lockstep-heartbeat");
        thread.setDaemon(true);
        return thread;
    });
    private long beats;
    private volatile boolean held = true;

    private Heartbeat(RunFolder folder) {
        super(folder);
        this.folder = folder;
    }

    static FolderLock on(RunFolder folder, Rhythm rhythm) throws IOException {
        Heartbeat own = new Heartbeat(folder);
        try {
            if (!own.create()) {
                awaitDeath(folder, rhythm);
                own.beat();
            }
        } catch (IOException | RuntimeException e) {
            own.heart.shutdown();
            throw e;
        }
        long millis = rhythm.beat().toMillis();
        own.heart.scheduleWithFixedDelay(own::beatOn, millis, millis, TimeUnit.MILLISECONDS);
        return own;
    }

    /** @return false when there is one already */
    private boolean create() throws IOException {
        try (OutputStream out = folder.files().create(folder.path(FILE), false)) {
            out.write(text().getBytes(StandardCharsets.UTF_8));
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        }
    }

    private static void awaitDeath(RunFolder folder, Rhythm rhythm) throws IOException {
        String first = read(folder);
        long began = System.nanoTime();
        if (first != null) {
            LOG.warn(
                    "{} was being written by another process ({}): waiting at most {} s for a sign of life from it",
                    folder.path(),
                    owner(first),
                    rhythm.patience().toSeconds());
        }
        for (String now = first; now != null; now = read(folder)) {
            if (!now.equals(first)) {
                throw inUse(folder, owner(now));
            }
            if (System.nanoTime() - began > rhythm.patience().toNanos()) {
                return;
            }
            try {
                Thread.sleep(rhythm.beat().toMillis() / 5);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while waiting for " + folder.path());
            }
        }
    }

    private static String owner(String text) {
        return text.split(" ", 2)[0];
    }

    /** @return null when there is none */
    private static String read(RunFolder folder) throws IOException {
        byte[] bytes = folder.read(FILE);
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    private String text() {
        return name + " " + beats;
    }

    private synchronized void beat() throws IOException {
        beats++;
        folder.write(FILE, text());
    }

    private void beatOn() {
        try {
            held = loss() == null;
            if (held) {
                beat();
            }
        } catch (IOException | RuntimeException e) {
            LOG.warn("no sign of life in {}: {}", folder.path(), e.toString());
        }
    }

    @Override
    public boolean isHeld() {
        return held;
    }

    @Override
    synchronized String loss() throws IOException {
        String now = read(folder);
        if (now == null) {
            return "was deleted or moved";
        }
        return now.startsWith(name) ? null : "was taken over by another process (" + owner(now) + ")";
    }

    @Override
    public void close() {
        heart.shutdown();
        try {
            heart.awaitTermination(1, TimeUnit.MINUTES);
            if (loss() == null) {
                folder.files().delete(folder.path(FILE), false);
            }
        } catch (FileNotFoundException e) {
            LOG.debug("{} is gone", folder.path());
        } catch (IOException e) {
            LOG.warn("cannot delete {}: {}", folder.path(FILE), e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
