package dev.lockstep.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A command as a user sees it: exit code, output, errors; run in this JVM.
 *
 * @param err without what Spark logs: the log's own stream was opened before
 */
record Cli(int code, String out, String err) {

    /** Scala's own words, now and then, when Spark is stopped while it still forgets a broadcast. */
    private static final Pattern LATE =
            Pattern.compile("java\\.util\\.concurrent\\.RejectedExecutionException: Task scala.*\\R(\\tat .*\\R)+");

    static Cli run(String... args) {
        return of(() -> LockstepCommand.run(args));
    }

    /** @param command gives its exit code */
    static Cli of(IntSupplier command) {
        PrintStream systemOut = System.out;
        PrintStream systemErr = System.err;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
            int code = command.getAsInt();
            String errors = err.toString(StandardCharsets.UTF_8);
            return new Cli(
                    code,
                    out.toString(StandardCharsets.UTF_8),
                    LATE.matcher(errors).replaceAll(""));
        } finally {
            System.setOut(systemOut);
            System.setErr(systemErr);
        }
    }

    static Cli run(List<String> first, String... more) {
        return run(Stream.concat(first.stream(), Stream.of(more)).toArray(String[]::new));
    }

    /** Trains into a folder of this name, and gives its run.json. */
    static JsonNode trained(Path folder, String name, List<String> settings, String... options) throws IOException {
        Path out = folder.resolve(name);
        List<String> arguments = new ArrayList<>(List.of("train", "--quiet", "--out", out.toString()));
        arguments.addAll(List.of(options));
        arguments.addAll(settings);
        run(arguments).expectDone();
        return new ObjectMapper().readTree(out.resolve("run.json").toFile());
    }

    /** Expects settings to be refused before anything is trained or written into the folder. */
    static void refused(Path folder, int code, List<String> settings, String... fragments) {
        Path out = folder.resolve("refused");
        run(
                        List.of("train", "--dry-run", "--master", "local[1]", "--out", out.toString()),
                        settings.toArray(String[]::new))
                .expectError(code, fragments);
        assertThat(out).doesNotExist();
    }

    /** The lines of the files that Spark wrote into a folder; of CSV, without their first ones. */
    static List<String> written(Path folder) throws IOException {
        List<String> lines = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path part : files.filter(file -> file.getFileName().toString().startsWith("part-"))
                    .sorted()
                    .toList()) {
                List<String> all = Files.readAllLines(part);
                lines.addAll(part.toString().endsWith(".csv") ? all.subList(1, all.size()) : all);
            }
        }
        return lines;
    }

    Cli expectDone() {
        assertThat(code).as(err + out).isZero();
        assertThat(err).isEmpty();
        return this;
    }

    /** Expects one line of error, which has all of these in it. */
    Cli expectError(int expected, String... fragments) {
        assertThat(code).as(err + out).isEqualTo(expected);
        assertThat(err.lines()).as(err).hasSize(1);
        assertThat(err).startsWith("lockstep: ").contains(fragments).doesNotContain("Exception");
        return this;
    }
}
