package dev.lockstep.jobs.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A process that a test starts, watches and ends. Its output goes to two files, shown when a wait fails. */
final class ChildProcess implements AutoCloseable {
    private static final Duration END_DEADLINE = Duration.ofSeconds(30);

    private final String name;
    private final Path stdout;
    private final Path stderr;
    private final Process process;

    /**
     * Starts a process.
     *
     * @param name of its output files and in messages
     * @param folder takes the output files and is its working directory's parent
     * @param environment laid over this process's own, of which no Spark or Java setting is passed on
     */
    ChildProcess(String name, Path folder, List<String> command, Map<String, String> environment) {
        this.name = name;
        this.stdout = folder.resolve(name + ".out");
        this.stderr = folder.resolve(name + ".err");
        Path workingDirectory = folder.resolve(name + ".cwd");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(workingDirectory.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectOutput(stdout.toFile())
                .redirectError(stderr.toFile());
        builder.environment()
                .keySet()
                .removeIf(key -> key.startsWith("SPARK_")
                        || key.startsWith("LOCKSTEP_")
                        || key.startsWith("OMP_")
                        || key.equals("JAVA_TOOL_OPTIONS"));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
        builder.environment().putAll(environment);
        try {
            Files.createDirectories(workingDirectory);
            this.process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits for its end and checks the exit code. */
    void expectExit(int code, Duration deadline) {
        try {
            assertThat(process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS))
                    .as(() -> "ended within " + deadline.toSeconds() + " s: " + this)
                    .isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        assertThat(process.exitValue()).as(this::toString).isEqualTo(code);
    }

    /** Waits until something is so; fails at once when the process ends before. */
    void await(String what, Duration deadline, BooleanSupplier condition) {
        Awaitility.await(what)
                .atMost(deadline)
                .pollInterval(Duration.ofMillis(10))
                .pollDelay(Duration.ZERO)
                .until(() -> {
                    boolean alive = process.isAlive(); // asked first: what a process does last counts
                    boolean so = condition.getAsBoolean();
                    assertThat(so || alive)
                            .as(() -> "alive until " + what + ": " + this)
                            .isTrue();
                    return so;
                });
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** kill -9. */
    void kill() {
        process.destroyForcibly();
    }

    /** Ctrl-C. */
    void interrupt() throws IOException {
        new ProcessBuilder("bash", "-c", "kill -INT " + process.pid()).start();
    }

    /** SIGTERM. */
    void terminate() {
        process.destroy();
    }

    /** The Java processes that it started: a driver's executors in local-cluster. */
    List<ProcessHandle> javaChildren() {
        return process.children()
                .filter(child -> child.info().command().orElse("").endsWith("/java"))
                .toList();
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    String stdout() {
        return read(stdout);
    }

    String stderr() {
        return read(stderr);
    }

    /** What was left in its working directory. */
    List<Path> litter() throws IOException {
        try (Stream<Path> left = Files.list(stdout.resolveSibling(name + ".cwd"))) {
            return left.toList();
        }
    }

    /** Ends it and what it started, if they are still there. */
    @Override
    public void close() {
        List<ProcessHandle> all = Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                .toList();
        all.forEach(ProcessHandle::destroyForcibly);
        for (ProcessHandle one : all) {
            Awaitility.await("end of " + name).atMost(END_DEADLINE).until(() -> !one.isAlive());
        }
    }

    @Override
    public String toString() {
        return name + (process.isAlive() ? " (running)" : " (exit " + process.exitValue() + ")") + "\n--- stdout\n"
                + tail(stdout()) + "\n--- stderr\n" + tail(stderr());
    }

    private static String tail(String text) {
        return text.length() < 4000 ? text : "... " + text.substring(text.length() - 4000);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
