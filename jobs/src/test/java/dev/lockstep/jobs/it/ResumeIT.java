package dev.lockstep.jobs.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is killed and whenever: the run that is gone on with ends in the bits of one that nothing happened to. */
class ResumeIT {
    private static final Duration RUN_DEADLINE = Duration.ofMinutes(6);
    private static final int STEPS = 60;
    private static final int MODEL = 5;
    private static final int KILLED = 128 + 9;
    private static final int INTERRUPTED = 130;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private static Path folder;

    private static Installation lockstep;
    private static Run.Bits undisturbed;

    @BeforeAll
    static void trainUndisturbed() throws IOException {
        lockstep = new Installation(folder);
        Experiment.writeTo(folder);
        Run run = new Run(folder.resolve("undisturbed"));
        try (ChildProcess process = start(run, "job", "local[2]")) {
            process.expectExit(0, RUN_DEADLINE);
        }
        undisturbed = run.bits();
        assertThat(undisturbed.metrics()).hasSize(STEPS + 6); // and evaluations: five epochs of 11 steps, and the end
    }

    @ParameterizedTest
    @ValueSource(strings = {"job", "gang"})
    void survivesTheDriverKilledAtThreeRandomMoments(String exchange) throws IOException {
        long seed = Long.getLong("lockstep.kill.seed", System.nanoTime());
        System.out.println("repeat these moments with -Dlockstep.kill.seed=" + seed);
        Random random = new Random(seed);
        Run run = new Run(folder.resolve("driver-killed-" + exchange));
        // Resumed on another shape of cluster each time, which must not matter either.
        List<String> masters = List.of("local[2]", "local[1]", "local[4]");
        for (int i = 0; i < masters.size(); i++) {
            int step = 15 * i + 1 + random.nextInt(14);
            Duration later = Duration.ofMillis(random.nextInt(150));
            try (ChildProcess process = i == 0 ? start(run, exchange, masters.get(i)) : resume(run, masters.get(i))) {
                process.await("step " + step, RUN_DEADLINE, () -> run.newestCheckpoint() >= step);
                LockSupport.parkNanos(
                        later.toNanos()); // the random moment: between checkpoints, or while one is written
                assertThat(process.isAlive()).as(process::toString).isTrue();
                process.kill();
                process.expectExit(KILLED, RUN_DEADLINE);
            }
            assertThat(run.newestCheckpoint()).isBetween((long) step, STEPS - 1L);
            assertThat(run.record().path("status").asText()).isEqualTo("running");
        }
        finish(run);
    }

    @Test
    void survivesAnExecutorKilled() throws IOException {
        Run run = new Run(folder.resolve("executor-killed"));
        try (ChildProcess process = start(run, "job", "local-cluster[2,1,1024]")) {
            process.await("step 6", RUN_DEADLINE, () -> run.newestCheckpoint() >= 6);
            List<ProcessHandle> executors = process.javaChildren();
            assertThat(executors).hasSize(2);
            executors.get(0).destroyForcibly();
            assertThat(run.newestCheckpoint()).isLessThan(STEPS - 20);
            process.expectExit(0, RUN_DEADLINE);
        }
        assertThat(Files.readString(run.folder().resolve("train.log"))).contains("Lost executor");
        assertUndisturbed(run);
    }

    @Test
    void goesOnAfterCtrlC() throws IOException {
        Run run = new Run(folder.resolve("interrupted"));
        try (ChildProcess process = start(run, "job", "local[2]")) {
            process.await("step 15", RUN_DEADLINE, () -> run.newestCheckpoint() >= 15);
            process.interrupt();
            process.expectExit(INTERRUPTED, RUN_DEADLINE);
            assertThat(process.stdout()).contains("lockstep train --resume --out " + run.folder());
        }
        assertThat(run.record().path("status").asText()).isEqualTo("interrupted");
        assertThat(run.record().path("exit_code").asInt()).isEqualTo(INTERRUPTED);
        assertThat(run.record().path("steps").asLong())
                .isBetween(15L, STEPS - 1L)
                .isEqualTo(run.newestCheckpoint());
        assertThat(run.names("")).contains("report.html").doesNotContain("model.zip");
        finish(run);
    }

    @Test
    void leavesAFinishedRunAsItWasWhenGoneOnWith() throws IOException {
        Run run = new Run(folder.resolve("undisturbed"));
        finish(run);
    }

    @Test
    void leavesAnotherRunAlone() throws IOException {
        Run run = new Run(folder.resolve("undisturbed"));
        String record = Files.readString(run.folder().resolve("run.json"));
        String configuration = Files.readString(run.folder().resolve("config.resolved.conf"));
        try (ChildProcess process = train(run, "other", "--resume", "seed=2")) {
            process.expectExit(MODEL, RUN_DEADLINE);
            assertThat(process.stderr()).contains("seed is 1 there and 2 here").hasLineCount(1);
        }
        assertThat(run.folder().resolve("run.json")).hasContent(record);
        assertThat(run.folder().resolve("config.resolved.conf")).hasContent(configuration);
        assertUndisturbed(run);
    }

    /** With the folder's own configuration: the tests name none. */
    private static void finish(Run run) throws IOException {
        try (ChildProcess process = resume(run, "local[2]")) {
            process.expectExit(0, RUN_DEADLINE);
            assertThat(process.stdout()).contains("resuming after step");
        }
        assertUndisturbed(run);
    }

    private static void assertUndisturbed(Run run) throws IOException {
        assertThat(run.record().path("status").asText()).isEqualTo("finished");
        assertThat(run.record().path("steps").asLong()).isEqualTo(STEPS);
        assertThat(run.bits()).isEqualTo(undisturbed);
        assertThat(run.names("")).as("nothing half-written").noneMatch(name -> name.startsWith("."));
        assertThat(run.names("checkpoints")).noneMatch(name -> name.startsWith("."));
    }

    private static ChildProcess start(Run run, String exchange, String master) {
        String conf = folder.resolve("small.conf").toString();
        return train(
                run,
                "start",
                "--conf",
                conf,
                "--master",
                master,
                "train.exchange=" + exchange,
                "train.iterations=" + STEPS,
                "train.checkpoint-every=3");
    }

    private static ChildProcess resume(Run run, String master) {
        return train(run, "resume-on-" + master, "--resume", "--master", master);
    }

    private static ChildProcess train(Run run, String name, String... arguments) {
        List<String> all =
                new ArrayList<>(List.of("train", "--out", run.folder().toString()));
        all.addAll(List.of(arguments));
        return lockstep.start(run.folder().getFileName() + "-" + name, all.toArray(String[]::new));
    }
}
