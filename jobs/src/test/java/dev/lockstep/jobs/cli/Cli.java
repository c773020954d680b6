package dev.lockstep.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
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
