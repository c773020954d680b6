package dev.lockstep.jobs.cli;

import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.spark.SparkApplication;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.settings.JvmSettings;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import picocli.CommandLine.Option;

/** Where something trains, what it leaves behind, and what it shows. */
final class OutputOptions {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT);

    @Option(names = "--out", paramLabel = "DIR", description = "The folder to write (default: runs/<time>-<name>).")
    private String out;

    @Option(
            names = "--master",
            paramLabel = "URL",
            description = "Spark's master (default: what spark-submit gave, else local[*]).")
    private String master;

    @Option(names = "--resume", description = "Go on with what is in --out, from the newest checkpoints.")
    private boolean resume;

    @Option(names = "--quiet", description = "Show only warnings and errors.")
    private boolean quiet;

    /** Whether the user named a folder. */
    boolean isGiven() {
        return out != null;
    }

    boolean isResumed() {
        return resume;
    }

    SparkConf sparkConf(String name) {
        return SparkApplication.conf(master, name, JvmSettings.assembly().orElse(null));
    }

    /**
     * The folder that the user named, to go on with.
     *
     * @throws ConfigurationException when none was named
     */
    RunFolder given(Configuration hadoop) {
        if (out == null) {
            throw new ConfigurationException("--resume needs --out DIR, the folder to go on with");
        }
        return RunFolder.at(out, hadoop);
    }

    /**
     * The folder to write: empty, or with what is resumed.
     *
     * @param name of what is run, for a folder that the user did not name
     * @throws ConfigurationException when something else is in it
     */
    RunFolder folder(String name, Configuration hadoop) throws IOException {
        return resume ? at(out, name, hadoop) : empty(out, name, hadoop, ", or --resume to go on with what is in it");
    }

    /**
     * A folder for what cannot be gone on with.
     *
     * @param out as the user named it, or null
     */
    static RunFolder newFolder(String out, String name, Configuration hadoop) throws IOException {
        return empty(out, name, hadoop, "");
    }

    private static RunFolder empty(String out, String name, Configuration hadoop, String otherwise) throws IOException {
        RunFolder folder = at(out, name, hadoop);
        if (!folder.isEmpty()) {
            throw new ConfigurationException(
                    "--out " + folder.shown() + ": is not empty; choose another folder" + otherwise);
        }
        return folder;
    }

    private static RunFolder at(String out, String name, Configuration hadoop) {
        return RunFolder.at(out != null ? out : "runs/" + LocalDateTime.now().format(TIME) + "-" + name, hadoop);
    }

    /** Where progress is shown. */
    PrintStream display() {
        return quiet ? new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8) : System.out;
    }
}
