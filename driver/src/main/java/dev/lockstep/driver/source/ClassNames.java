package dev.lockstep.driver.source;

import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.source.DataLocation;
import dev.lockstep.worker.table.Fitted;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;

/** What people call the classes, labels or values that a network tells: words for reports, which train nothing. */
public final class ClassNames {
    /** Beside the data, a name a line, the first of class 0: ours, and the one that CIFAR-10 comes with. */
    private static final List<String> FILES = List.of("labels.txt", "batches.meta.txt");

    private ClassNames() {}

    /**
     * By the configuration, else by the words or columns of the table or the tokens of the text, else by the file beside the data.
     *
     * @param fitted what is known of a table's or a text's words
     * @param targets how many there are
     * @return one for each, none where nobody names them; a file may name the first of them alone
     * @throws DataException when the file cannot be read or has more names
     */
    public static List<String> of(RunConfig.Data data, Fitted fitted, int targets, Configuration hadoop) {
        if (!data.classNames().isEmpty()) {
            return data.classNames();
        }
        if (data.table() != null) {
            List<String> columns = data.table().columns().label();
            List<String> labels =
                    columns.size() == 1 ? fitted.words().getOrDefault(columns.get(0), List.of()) : columns;
            return labels.size() == targets ? labels : List.of();
        }
        if (fitted.vocabulary() != null) {
            return IntStream.range(0, targets)
                    .mapToObj(fitted.vocabulary()::token)
                    .toList();
        }
        return data.generated() != null || data.text() != null ? List.of() : ofFile(data.path(), targets, hadoop);
    }

    private static List<String> ofFile(String path, int targets, Configuration hadoop) {
        DataLocation location = Use.TRAINING.locate(path, hadoop);
        Optional<String> file = FILES.stream().filter(location::exists).findFirst();
        return file.isEmpty() ? List.of() : read(location, file.get(), targets);
    }

    private static List<String> read(DataLocation location, String file, int targets) {
        List<String> names;
        try (InputStream in = location.open(file)) {
            names = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .toList();
        } catch (IOException e) {
            throw DataLocation.unreadable(location.nameOf(file), e);
        }
        if (names.size() > targets) {
            throw new DataException(location.nameOf(file) + ": has " + names.size()
                    + " names; expected one a line for each of " + targets
                    + " classes; mend it, or give data.class-names");
        }
        return names;
    }
}
