package dev.lockstep.driver.run;

import dev.lockstep.driver.checkpoint.WriteException;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.Excerpt;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.UnsupportedFileSystemException;

/** A run's folder on any Hadoop file system. A file appears under its name only when all of it is written. */
public final class RunFolder {
    private final FileSystem files;
    private final Path path;

    private RunFolder(FileSystem files, Path path) {
        this.files = files;
        this.path = path;
    }

    /**
     * @param location a path or an address of a Hadoop file system; need not exist
     * @throws ConfigurationException when no file system answers to it
     */
    public static RunFolder at(String location, Configuration hadoop) {
        try {
            Path path = new Path(location);
            FileSystem files = path.getFileSystem(hadoop);
            Path qualified = files.makeQualified(path);
            // The raw local file system: the other one writes a hidden checksum file beside each file.
            return new RunFolder(files instanceof LocalFileSystem local ? local.getRaw() : files, qualified);
        } catch (IOException | RuntimeException e) { // a bad address, host or plug-in comes as any of these
            throw new ConfigurationException(
                    "'" + location + "' names no usable folder: " + reason(e)
                            + "; give a path, file:, hdfs: or another scheme that this Hadoop knows",
                    e);
        }
    }

    public FileSystem files() {
        return files;
    }

    public Path path() {
        return path;
    }

    /** As people type it: a local path without its scheme. */
    public String shown() {
        return path.toUri().getScheme().equals("file") ? path.toUri().getPath() : path.toString();
    }

    /** A folder inside. */
    public RunFolder folder(String name) {
        return new RunFolder(files, path(name));
    }

    /** The folder that it is in. */
    public RunFolder parent() {
        return new RunFolder(files, path.getParent());
    }

    /** The place of a file or folder inside. */
    public Path path(String name) {
        return new Path(path, name);
    }

    public boolean isEmpty() throws IOException {
        return !files.exists(path)
                || Arrays.stream(files.listStatus(path))
                        .allMatch(status ->
                                FolderLock.FILES.contains(status.getPath().getName()));
    }

    /** The names of the folders inside, ascending; none where it is not there. */
    public List<String> folders() throws IOException {
        return !files.exists(path)
                ? List.of()
                : Arrays.stream(files.listStatus(path))
                        .filter(FileStatus::isDirectory)
                        .map(status -> status.getPath().getName())
                        .sorted()
                        .toList();
    }

    /** Whether there is a folder of that name, and no file. */
    public boolean isFolder() throws IOException {
        return files.exists(path) && files.getFileStatus(path).isDirectory();
    }

    public boolean has(String name) throws IOException {
        return files.exists(path(name));
    }

    /** @throws ConfigurationException when it cannot be made */
    public void create() {
        try {
            if (!files.mkdirs(path)) {
                throw new IOException("the file system refuses");
            }
        } catch (IOException e) {
            throw new ConfigurationException(
                    "cannot make the folder " + path + ": " + reason(e) + "; choose another --out that can be written",
                    e);
        }
    }

    private static String reason(Exception cause) {
        return Excerpt.line(cause).replace("java.net.URISyntaxException: ", "");
    }

    /** @return null when there is no such file */
    public byte[] read(String name) throws IOException {
        try (FSDataInputStream in = files.open(path(name))) {
            return in.readAllBytes();
        } catch (FileNotFoundException e) {
            return null;
        }
    }

    public void write(String name, String text) throws IOException {
        write(name, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * Writes a file under another name and renames it when it is whole, over an older one if there is one.
     *
     * @throws WriteException when it cannot be written; an older one is left as it was, and nothing beside it
     */
    public void write(String name, Content content) throws IOException {
        Path unfinished = path("." + name + ".unfinished");
        try {
            try (OutputStream out = files.create(unfinished, true)) {
                content.writeTo(out);
            }
            replace(unfinished, path(name));
        } catch (IOException | RuntimeException | Error e) {
            try {
                files.delete(unfinished, false);
            } catch (IOException also) {
                e.addSuppressed(also);
            }
            if (e instanceof IOException || e instanceof FSError) { // Hadoop says with an error that a disk is full
                throw new WriteException(path(name), e);
            }
            throw e;
        }
    }

    /** Renames over what is there, in one step: a process that dies leaves the one or the other. */
    private void replace(Path from, Path to) throws IOException {
        try {
            if (files instanceof RawLocalFileSystem) { // its other way would go by way of check sum files
                if (!files.rename(from, to)) {
                    throw new IOException("cannot rename " + from);
                }
            } else {
                FileContext.getFileContext(files.getUri(), files.getConf()).rename(from, to, Options.Rename.OVERWRITE);
            }
        } catch (UnsupportedFileSystemException e) { // no such step there
            files.delete(to, false);
            if (!files.rename(from, to)) {
                throw new IOException("cannot rename " + from, e);
            }
        }
    }

    /** What a file is to hold. */
    public interface Content {
        void writeTo(OutputStream out) throws IOException;
    }
}
