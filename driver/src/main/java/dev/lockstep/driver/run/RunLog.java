package dev.lockstep.driver.run;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.Filter;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.FileAppender;
import org.apache.logging.log4j.core.config.Configuration;
import org.apache.logging.log4j.core.filter.AbstractFilter;
import org.apache.logging.log4j.core.layout.PatternLayout;

/** {@code train.log}: sends what is logged while it is open into the run's folder as well. */
public final class RunLog implements Closeable {
    private static final String NAME = "train.log";

    private final RunFolder folder;
    private final Path file;
    private final FileAppender appender;

    /** Everything that this process logs. */
    public static RunLog ofProcess(RunFolder folder) throws IOException {
        return new RunLog(folder, null);
    }

    /** What the calling thread logs: for one of several runs of a process. */
    public static RunLog ofThread(RunFolder folder) throws IOException {
        long thread = Thread.currentThread().getId();
        return new RunLog(folder, new AbstractFilter() {
            @Override
            public Result filter(LogEvent event) {
                return event.getThreadId() == thread ? Result.NEUTRAL : Result.DENY;
            }
        });
    }

    private RunLog(RunFolder folder, Filter filter) throws IOException {
        this.folder = folder;
        boolean local = folder.path().toUri().getScheme().equals("file");
        this.file = local ? Path.of(folder.path(NAME).toUri()) : Files.createTempFile("lockstep-", ".log");
        byte[] before = local ? null : folder.read(NAME);
        if (before != null) {
            Files.write(file, before);
        }
        Configuration configuration = configuration();
        this.appender = FileAppender.newBuilder()
                .setName(file.toString())
                .withFileName(file.toString())
                .withAppend(true)
                .setLayout(PatternLayout.newBuilder()
                        .withPattern("%d{ISO8601} %-5p %c{1.}: %m%n")
                        .build())
                .setConfiguration(configuration)
                .build();
        appender.start();
        configuration.getRootLogger().addAppender(appender, Level.INFO, filter);
        context().updateLoggers();
    }

    /** Ends the log; on a file system that is not local it is put in its place now. */
    @Override
    public void close() throws IOException {
        configuration().getRootLogger().removeAppender(appender.getName());
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
