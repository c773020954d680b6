package dev.lockstep.driver.source;

import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.failure.Excerpt;
import dev.lockstep.worker.source.DataLocation;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A text in UTF-8: a file, or those of a folder that are called .txt, one behind the other by their names; each plain or gzipped.
 *
 * @param names of the files, at least one
 */
public record TextFiles(DataLocation place, List<String> names) {
    private static final String BUNDLED = "text.txt";
    /** Compressed, a little file can be a line without an end. */
    private static final int LONGEST_LINE = 64 << 20;

    private static final String TEXTS = ".*\\.txt(\\.gz)?";

    /** @throws DataException when there is none */
    static TextFiles of(String path, Use use, Configuration hadoop) {
        return of(path, use.key, use.folder, hadoop);
    }

    private static TextFiles of(String path, String key, String folder, Configuration hadoop) {
        DataLocation place = Use.locate(path, key, folder, hadoop);
        if (place instanceof DataLocation.Bundled) {
            List<String> names =
                    Stream.of(BUNDLED, BUNDLED + ".gz").filter(place::exists).toList();
            if (names.isEmpty()) {
                throw missing(key, folder, path, "no such text is bundled in the jar");
            }
            return new TextFiles(place, names);
        }
        try {
            Path at = new Path(path);
            FileSystem files = at.getFileSystem(hadoop);
            FileStatus found = files.getFileStatus(at);
            if (!found.isDirectory()) {
                Path whole = files.makeQualified(at);
                return new TextFiles(
                        DataLocation.folder(whole.getParent().toString(), hadoop), List.of(whole.getName()));
            }
            List<String> names = Stream.of(files.listStatus(at))
                    .filter(FileStatus::isFile)
                    .map(file -> file.getPath().getName())
                    .filter(name -> name.matches(TEXTS))
                    .sorted()
                    .toList();
            if (names.isEmpty()) {
                throw missing(key, folder, path, "has no .txt file; found " + place.contents());
            }
            return new TextFiles(place, names);
        } catch (FileNotFoundException e) {
            throw missing(key, folder, path, "is not there");
        } catch (IOException e) {
            throw new DataException(key + " \"" + Excerpt.of(path) + "\" cannot be read: " + Excerpt.line(e), e);
        }
    }

    /**
     * The lines of a text.
     *
     * @param option that names it
     * @throws DataException when it cannot be read
     */
    public static List<String> lines(String path, String option, Configuration hadoop) {
        List<String> lines = new ArrayList<>();
        of(path, option, "give with " + option, hadoop).forEachLine(lines::add);
        return lines;
    }

    private static DataException missing(String key, String folder, String path, String what) {
        return new DataException(key + " \"" + Excerpt.of(path) + "\" " + what + "; " + folder
                + " a text file, or a folder of .txt files");
    }

    /**
     * @param work is given each line, without its end
     * @throws DataException when a file cannot be read, is no UTF-8, or has a line that no text has
     */
    void forEachLine(Consumer<String> work) {
        for (String name : names) {
            try (InputStream in = new BufferedInputStream(place.open(name), 1 << 16)) {
                CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                int next = in.read();
                for (int line = 1; next >= 0; line++) {
                    bytes.reset();
                    for (; next >= 0 && next != '\n'; next = in.read()) {
                        if (bytes.size() == LONGEST_LINE) {
                            throw new DataException(place.nameOf(name) + ", line " + line + ": is longer than "
                                    + LONGEST_LINE + " bytes; expected lines of text");
                        }
                        bytes.write(next);
                    }
                    work.accept(text(decoder, bytes.toByteArray(), name, line));
                    next = next < 0 ? next : in.read();
                }
            } catch (IOException e) {
                throw DataLocation.unreadable(place.nameOf(name), e);
            }
        }
    }

    /** @param line its number, from 1 */
    private String text(CharsetDecoder decoder, byte[] bytes, String name, int line) {
        int length = bytes.length > 0 && bytes[bytes.length - 1] == '\r' ? bytes.length - 1 : bytes.length;
        try {
            return decoder.decode(ByteBuffer.wrap(bytes, 0, length)).toString();
        } catch (CharacterCodingException e) {
            throw new DataException(place.nameOf(name) + ", line " + line + ": is not UTF-8; convert the file", e);
        }
    }
}
