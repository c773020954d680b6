package dev.lockstep.driver.run;

import dev.lockstep.driver.checkpoint.WriteException;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.Excerpt;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** A file of a run that grows by lines of JSON; they reach the disk every few seconds and at each {@link #flush}. */
final class LineFile implements AutoCloseable {
    private static final long FLUSH_NANOS = 2_000_000_000L;

    private final Path file;
    private final FSDataOutputStream out;
    private long flushed = System.nanoTime();

    /** What a line says. */
    interface Reading<T> {
        T of(StoredJson json) throws DamagedFileException;
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
        List<String> lines = new ArrayList<>();
        for (String line : lines(folder, name)) {
            if (kept.keeps(json(folder, name, line))) {
                lines.add(line);
            }
        }
        folder.write(name, unfinished -> write(lines, unfinished));
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

    private static void write(List<String> lines, OutputStream out) throws IOException {
        for (String line : lines) {
            out.write(bytes(line));
        }
    }

    /**
     * What the lines of a file say, none when it is not there; a last line that was cut short is left out.
     *
     * @throws DamagedFileException when another is not one of ours
     */
    static <T> List<T> read(RunFolder folder, String name, Reading<T> reading) throws IOException {
        List<T> read = new ArrayList<>();
        for (String line : lines(folder, name)) {
            read.add(reading.of(json(folder, name, line)));
        }
        return read;
    }

    private static StoredJson json(RunFolder folder, String name, String line) throws DamagedFileException {
        return StoredJson.of(folder.path(name).toString(), line);
    }

    private static List<String> lines(RunFolder folder, String name) throws IOException {
        byte[] bytes = folder.read(name);
        if (bytes == null) {
            return List.of();
        }
        String text = new String(bytes, StandardCharsets.UTF_8);
        return Arrays.stream(text.substring(0, text.lastIndexOf('\n') + 1).split("\n"))
                .filter(line -> !line.isBlank())
                .toList();
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
