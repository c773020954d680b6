package dev.lockstep.jobs.cli;

import dev.lockstep.driver.run.RunFolder;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.FileAppender;
import org.apache.logging.log4j.core.config.Configuration;
import org.apache.logging.log4j.core.layout.PatternLayout;

/** {@code train.log}: sends what is logged while it is open into the run's folder as well. */
final class RunLog implements Closeable {
    private static final String NAME = "train.log";

    private final RunFolder folder;
    private final Path file;
    private final FileAppender appender;

    RunLog(RunFolder folder) throws IOException {
        this.folder = folder;
        boolean local = folder.path().toUri().getScheme().equals("file");
        this.file = local ? Path.of(folder.path(NAME).toUri()) : Files.createTempFile("lockstep-", ".log");
        byte[] before = local ? null : folder.read(NAME);
        if (before != null) {
            Files.write(file, before);
        }
        Configuration configuration = configuration();
        this.appender = FileAppender.newBuilder()
                .setName(NAME)
                .withFileName(file.toString())
                .withAppend(true)
                .setLayout(PatternLayout.newBuilder()
                        .withPattern("%d{ISO8601} %-5p %c{1.}: %m%n")
                        .build())
                .setConfiguration(configuration)
                .build();
        appender.start();
        configuration.addAppender(appender);
        configuration.getRootLogger().addAppender(appender, Level.INFO, null);
        context().updateLoggers();
    }

    /** Ends the log; on a file system that is not local it is put in its place now. */
    @Override
    public void close() throws IOException {
        configuration().getRootLogger().removeAppender(NAME);
        context().updateLoggers();
        appender.stop();
        if (!folder.path().toUri().getScheme().equals("file")) {
            folder.write(NAME, out -> Files.copy(file, out));
            Files.delete(file);
        }
    }

    private static LoggerContext context() {
        return (LoggerContext) LogManager.getContext(false);
    }

    private static Configuration configuration() {
        return context().getConfiguration();
    }
}
