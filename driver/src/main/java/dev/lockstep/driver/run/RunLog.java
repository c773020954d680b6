package dev.lockstep.driver.run;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Predicate;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.Appender;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.appender.FileAppender;
import org.apache.logging.log4j.core.config.Configuration;
import org.apache.logging.log4j.core.config.Property;
import org.apache.logging.log4j.core.layout.PatternLayout;

/** {@code train.log}: sends what is logged while it is open into the run's folder as well. */
public final class RunLog implements Closeable {
    private static final String NAME = "train.log";

    private final RunFolder folder;
    private final Path file;
    private final Gate gate;

    /** Everything that this process logs. */
    public static RunLog ofProcess(RunFolder folder) throws IOException {
        return new RunLog(folder, event -> true);
    }

    /** What the calling thread logs: for one of several runs of a process. */
    public static RunLog ofThread(RunFolder folder) throws IOException {
        long thread = Thread.currentThread().getId();
        return new RunLog(folder, event -> event.getThreadId() == thread);
    }

    private RunLog(RunFolder folder, Predicate<LogEvent> belongs) throws IOException {
        this.folder = folder;
        boolean local = folder.path().toUri().getScheme().equals("file");
        this.file = local ? Path.of(folder.path(NAME).toUri()) : Files.createTempFile("lockstep-", ".log");
        byte[] before = local ? null : folder.read(NAME);
        if (before != null) {
            Files.write(file, before);
        }
        Configuration configuration = configuration();
        FileAppender appender = FileAppender.newBuilder()
                .setName(file.toString())
                .withFileName(file.toString())
                .withAppend(true)
                .setLayout(PatternLayout.newBuilder()
                        .withPattern("%d{ISO8601} %-5p %c{1.}: %m%n")
                        .build())
                .setConfiguration(configuration)
                .build();
        appender.start();
        this.gate = new Gate(appender, belongs);
        gate.start();
        configuration.getRootLogger().addAppender(gate, Level.INFO, null);
        context().updateLoggers();
    }

    /** Ends the log; on a file system that is not local it is put in its place now. */
    @Override
    public void close() throws IOException {
        configuration().getRootLogger().removeAppender(gate.getName());
        context().updateLoggers();
        gate.close();
        if (!folder.path().toUri().getScheme().equals("file")) {
            if (folder.files().exists(folder.path())) { // not one that was deleted in the meantime
                folder.write(NAME, out -> Files.copy(file, out));
            }
            Files.delete(file);
        }
    }

    /**
     * What log4j has of a run's file. A thread that was logging when the gate was taken away from log4j may still come to
     * it, without the filter that it had: so the gate knows by itself what belongs in the file, is never stopped, and lets
     * nothing through any more once the file is closed.
     */
    private static final class Gate extends AbstractAppender {
        private final Appender file;
        private final Predicate<LogEvent> belongs;
        private boolean open = true;

        Gate(Appender file, Predicate<LogEvent> belongs) {
            super(file.getName(), null, null, true, Property.EMPTY_ARRAY);
            this.file = file;
            this.belongs = belongs;
        }

        @Override
        public void append(LogEvent event) {
            if (belongs.test(event)) {
                synchronized (this) {
                    if (open) {
                        file.append(event);
                    }
                }
            }
        }

        synchronized void close() {
            open = false;
            file.stop();
        }
    }

    private static LoggerContext context() {
        return (LoggerContext) LogManager.getContext(false);
    }

    private static Configuration configuration() {
        return context().getConfiguration();
    }
}
