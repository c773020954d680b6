package dev.lockstep.driver.source;

import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.failure.Excerpt;
import dev.lockstep.worker.source.DataLocation;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;

/** What a data set is opened for: what the user can change when it does not fit. */
enum Use {
    TRAINING("data.path", "set data.path to", "change network.input or data.path", "change network.classes"),
    EVALUATION(
            "--data",
            "give with --data",
            "give with --data what the model is for",
            "give with --data what the model is for");

    /** Names the folder. */
    final String key;

    /** Before the name of another folder. */
    final String folder;

    final String shape;
    final String classes;

    Use(String key, String folder, String shape, String classes) {
        this.key = key;
        this.folder = folder;
        this.shape = shape;
        this.classes = classes;
    }

    /**
     * The location a path names: {@code bundled:NAME}, or a path that is resolved by Hadoop's rules (without a scheme:
     * on {@code fs.defaultFS}; relative: to the working directory of the driver, wherever it is read).
     *
     * @throws DataException when it names no file system that this Hadoop knows
     */
    DataLocation locate(String path, Configuration hadoop) {
        return locate(path, key, folder, hadoop);
    }

    /**
     * The same for what is none of a data set.
     *
     * @param key names the path
     * @param folder before the name of another
     */
    static DataLocation locate(String path, String key, String folder, Configuration hadoop) {
        if (path.startsWith(DataLocation.BUNDLED)) {
            return new DataLocation.Bundled(path.substring(DataLocation.BUNDLED.length()));
        }
        try {
            return DataLocation.folder(path, hadoop);
        } catch (IOException | RuntimeException e) { // a bad URI, host or plug-in comes as any of these
            throw new DataException(
                    key + " \"" + Excerpt.of(path) + "\" names no usable file system: " + Excerpt.line(e) + "; "
                            + folder
                            + " a path, file:, hdfs: or another scheme that this Hadoop knows, or bundled:NAME",
                    e);
        }
    }
}
