package dev.lockstep.driver.run;

import dev.lockstep.driver.checkpoint.WriteException;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.Excerpt;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A file of a run that grows by lines of JSON; they reach the disk every few seconds and at each {@link #flush}. */
final class LineFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LineFile.class);

    private static final int BUFFER = 1 << 13;
    private static final long FLUSH_NANOS = 2_000_000_000L;

    private final Path file;
    private final FSDataOutputStream out;
    private long flushed = System.nanoTime();

    /** Takes what a line says. */
    interface Reader {
        void read(StoredJson json) throws IOException;
    }

    /** Whether a line of an older run stays. */
    interface Kept {
        boolean keeps(StoredJson json) throws DamagedFileException;
    }

    /**
     * Opens a run's file, new or to go on with it.
     *
     * @throws ConfigurationException when the file system cannot append
     */
    LineFile(RunFolder folder, String name, Kept kept) throws IOException {
        BitSet stays = new BitSet(); // a damaged line is found before anything is written
        lines(folder, name, (line, number) -> stays.set(number, kept.keeps(json(folder, name, line))));
        folder.write(
                name,
                unfinished -> lines(folder, name, (line, number) -> {
                    if (stays.get(number)) {
                        unfinished.write(bytes(line));
                    }
                }));
        this.file = folder.path(name);
        this.out = appending(folder.files(), file);
    }

    /** Object stores cannot append, and say so in ways of their own. */
    private static FSDataOutputStream appending(FileSystem files, Path file) throws IOException {
        try {
            return files.append(file);
        } catch (IOException | UnsupportedOperationException e) {
            if (files.hasPathCapability(file, CommonPathCapabilities.FS_APPEND)) {
                throw e;
            }
            throw new ConfigurationException(
                    "cannot append to " + file + ": " + Excerpt.line(e)
                            + "; choose another --out, on a local disk, NFS or HDFS",
                    e);
        }
    }

    /**
     * Reads the lines of a file, one after the other, none when it is not there; a last line that was cut short is left out.
     *
     * @throws DamagedFileException when another is not one of ours
     */
    static void read(RunFolder folder, String name, Reader reader) throws IOException {
        lines(folder, name, (line, number) -> reader.read(json(folder, name, line)));
    }

    private static StoredJson json(RunFolder folder, String name, String line) throws DamagedFileException {
        return StoredJson.of(folder.path(name).toString(), line);
    }

    private interface Line {
        /** @param number from 0 */
        void read(String line, int number) throws IOException;
    }

    /** Those that have an end and something before it. */
    private static void lines(RunFolder folder, String name, Line reader) throws IOException {
        byte[] buffer = new byte[BUFFER];
        ByteArrayOutputStream begun = new ByteArrayOutputStream();
        int number = 0;
        try (InputStream in = folder.files().open(folder.path(name))) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                int from = 0;
                for (int i = 0; i < count; i++) {
                    if (buffer[i] == '\n') {
                        begun.write(buffer, from, i - from);
                        from = i + 1;
                        String line = begun.toString(StandardCharsets.UTF_8);
                        begun.reset();
                        if (!line.isBlank()) {
                            reader.read(line, number++);
                        }
                    }
                }
                begun.write(buffer, from, count - from);
            }
        } catch (FileNotFoundException e) {
            LOG.debug("{} is not there yet", folder.path(name), e);
        }
    }

    /** @param line without its end */
    void write(String line) throws IOException {
        try {
            out.write(bytes(line));
        } catch (IOException | FSError e) { // Hadoop says with an error that a disk is full
            throw new WriteException(file, e);
        }
        if (System.nanoTime() - flushed > FLUSH_NANOS) {
            flush();
        }
    }

    void flush() throws IOException {
        try {
            out.hflush();
        } catch (IOException | FSError e) {
            throw new WriteException(file, e);
        }
        flushed = System.nanoTime();
    }

    @Override
    public void close() throws IOException {
        try {
            out.close();
        } catch (IOException | FSError e) {
            throw new WriteException(file, e);
        }
    }

    private static byte[] bytes(String line) {
        return (line + "\n").getBytes(StandardCharsets.UTF_8);
    }
}
