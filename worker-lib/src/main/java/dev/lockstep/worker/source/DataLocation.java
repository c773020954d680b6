package dev.lockstep.worker.source;

import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.failure.Excerpt;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.io.Serializable;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.util.SerializableConfiguration;

/**
 * A directory of data files, on a Hadoop file system or bundled in our jar. It can be carried into tasks.
 */
public sealed interface DataLocation extends Serializable {

    /** What a path starts with that names bundled data. */
    String BUNDLED = "bundled:";

    /** A directory, resolved by Hadoop's rules (without a scheme: on {@code fs.defaultFS}). */
    static DataLocation folder(String path, Configuration hadoop) throws IOException {
        Path directory = new Path(path);
        FileSystem files = directory.getFileSystem(hadoop);
        return new Folder(files.makeQualified(directory), new SerializableConfiguration(hadoop));
    }

    /** @throws DataException when that cannot be found out */
    boolean exists(String file);

    /** What is found here, in words: for messages. */
    String contents();

    /** The file's bytes as they are stored. */
    InputStream openStored(String file) throws IOException;

    /** The full name of a file here, as messages call it. */
    String nameOf(String file);

    /** The file's bytes, decompressed when they start with gzip's two magic bytes. */
    default InputStream open(String file) throws IOException {
        InputStream stored = openStored(file);
        try {
            byte[] magic = stored.readNBytes(2);
            PushbackInputStream all = new PushbackInputStream(stored, 2);
            all.unread(magic);
            if (magic.length == 2 && magic[0] == 0x1f && magic[1] == (byte) 0x8b) {
                return new GZIPInputStream(all, 1 << 16);
            }
            if (file.endsWith(".gz") && magic.length > 0) {
                throw new DataException(
                        nameOf(file) + " is named .gz but is not gzip: expected it to start with 0x1f8b,"
                                + " found 0x" + HexFormat.of().formatHex(magic)
                                + "; get the file again, or rename it when it is not compressed");
            }
            return all;
        } catch (IOException | DataException e) {
            try (stored) {
                throw e;
            }
        }
    }

    static DataException unreadable(String name, Exception cause) {
        if (cause instanceof ZipException || cause instanceof EOFException) {
            String what = cause instanceof ZipException ? " is damaged gzip: " : " is cut short: ";
            return new DataException(name + what + Excerpt.line(cause) + "; get the file again", cause);
        }
        return new DataException(
                "cannot read " + name + ": " + Excerpt.line(cause)
                        + "; check its permissions and that its storage can be reached",
                cause);
    }

    /** A directory on a Hadoop file system. */
    record Folder(Path directory, SerializableConfiguration hadoop) implements DataLocation {

        private FileSystem files() throws IOException {
            return directory.getFileSystem(hadoop.value());
        }

        @Override
        public boolean exists(String file) {
            try {
                return files().exists(new Path(directory, file));
            } catch (IOException e) {
                throw unreadable(nameOf(file), e);
            }
        }

        @Override
        public String contents() {
            try {
                FileStatus[] found = files().listStatus(directory);
                if (found.length == 1 && found[0].getPath().equals(directory)) {
                    return "a file";
                }
                String names = Arrays.stream(found)
                        .map(status -> status.getPath().getName())
                        .sorted()
                        .limit(8)
                        .collect(Collectors.joining(", "));
                return names.isEmpty() ? "an empty directory" : names + (found.length > 8 ? ", ..." : "");
            } catch (FileNotFoundException e) {
                return "no such directory";
            } catch (IOException e) {
                throw unreadable(directory.toString(), e);
            }
        }

        @Override
        public InputStream openStored(String file) throws IOException {
            return files().open(new Path(directory, file));
        }

        @Override
        public String nameOf(String file) {
            return new Path(directory, file).toString();
        }

        @Override
        public String toString() {
            return directory.toString();
        }
    }

    /** The class path folder {@code /data/NAME}: resources of our jar, which every executor has. */
    record Bundled(String name) implements DataLocation {

        @Override
        public boolean exists(String file) {
            return DataLocation.class.getResource(resource(file)) != null;
        }

        @Override
        public String contents() {
            return "no such files bundled in the jar";
        }

        @Override
        public InputStream openStored(String file) throws IOException {
            InputStream resource = DataLocation.class.getResourceAsStream(resource(file));
            if (resource == null) {
                throw new FileNotFoundException("no resource " + resource(file) + " on the class path");
            }
            return resource;
        }

        @Override
        public String nameOf(String file) {
            return this + "/" + file;
        }

        private String resource(String file) {
            return "/data/" + name + "/" + file;
        }

        @Override
        public String toString() {
            return BUNDLED + name;
        }
    }
}
