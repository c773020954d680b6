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

/** One gang of many steps without a checkpoint, and what may happen to it. */
class GangIT {
    private static final Duration RUN_DEADLINE = Duration.ofMinutes(3);
    private static final int STEPS = 990;
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
        try (ChildProcess process = start(run, List.of(), "local[2]")) {
            process.expectExit(0, RUN_DEADLINE);
        }
        undisturbed = run.bits();
        assertThat(undisturbed.metrics()).hasSize(STEPS + 1); // and an evaluation at the end
    }

    /**
     * A gang that is lost three times is lost for good the fourth time: that is Spark's limit for a stage. The examples
     * are shuffled, so that a killed executor takes its part of them with it.
     */
    @Test
    void survivesExecutorsKilledAtRandomMoments() throws IOException {
        long seed = Long.getLong("lockstep.kill.seed", System.nanoTime());
        System.out.println("repeat these moments with -Dlockstep.kill.seed=" + seed);
        Random random = new Random(seed);
        Run run = new Run(folder.resolve("executors-killed"));
        try (ChildProcess process = start(run, List.of("-Dspark.lockstep.replicate=0"), "local-cluster[2,1,1024]")) {
            for (int kill = 1; kill <= 3; kill++) {
                process.await(
                        "two executors",
                        RUN_DEADLINE,
                        () -> process.javaChildren().size() == 2);
                process.await("a step", RUN_DEADLINE, () -> process.stdout().contains("step "));
                LockSupport.parkNanos(
                        Duration.ofMillis(500 + random.nextInt(2_500)).toNanos());
                ProcessHandle executor = process.javaChildren().get(random.nextInt(2));
                executor.destroyForcibly();
                process.await("its end", RUN_DEADLINE, () -> !executor.isAlive());
            }
            process.expectExit(0, RUN_DEADLINE);
        }
        assertThat(log(run)).contains("are run again");
        assertThat(run.bits()).isEqualTo(undisturbed);
    }

    /** One that is stopped keeps its connections: only the others' deadline tells. */
    @Test
    void survivesAnExecutorThatHangs() throws IOException {
        List<String> impatient = List.of(
                "-Dspark.lockstep.patience=3s",
                "-Dspark.network.timeout=8s",
                "-Dspark.network.timeoutInterval=2s",
                "-Dspark.storage.blockManagerHeartbeatTimeoutMs=8s",
                "-Dspark.executor.heartbeatInterval=2s");
        Run run = new Run(folder.resolve("hanging"));
        try (ChildProcess process = start(run, impatient, "local-cluster[2,1,1024]")) {
            process.await("a step", RUN_DEADLINE, () -> process.stdout().contains("step "));
            long stopped = process.javaChildren().get(0).pid();
            new ProcessBuilder("bash", "-c", "kill -STOP " + stopped).start();
            process.expectExit(0, RUN_DEADLINE);
        }
        assertThat(log(run)).containsPattern("are run again: task \\d on \\S+ waited \\d+ s for ");
        assertThat(run.bits()).isEqualTo(undisturbed);
    }

    @Test
    void stopsAtAStepAndGoesOnFromThere() throws IOException {
        Run run = new Run(folder.resolve("interrupted"));
        try (ChildProcess process = start(run, List.of(), "local-cluster[2,1,1024]")) {
            process.await("a step", RUN_DEADLINE, () -> process.stdout().contains("step "));
            process.interrupt();
            process.expectExit(INTERRUPTED, RUN_DEADLINE);
        }
        assertThat(run.newestCheckpoint()).isBetween(1L, STEPS - 1L);
        assertThat(run.metrics()).hasSize((int) run.newestCheckpoint());
        String[] resume = {
            "train", "--resume", "--master", "local[2]", "--out", run.folder().toString()
        };
        try (ChildProcess process = lockstep.start("resumed", resume)) {
            process.expectExit(0, RUN_DEADLINE);
        }
        assertThat(run.bits()).isEqualTo(undisturbed);
    }

    private static String log(Run run) throws IOException {
        return Files.readString(run.folder().resolve("train.log"));
    }

    private static ChildProcess start(Run run, List<String> settings, String master) {
        List<String> all = new ArrayList<>(List.of("train", "--conf"));
        all.add(folder.resolve("small.conf").toString());
        all.addAll(List.of("--out", run.folder().toString(), "--master", master, "train.exchange=gang"));
        all.addAll(List.of("train.iterations=" + STEPS, "train.evaluate-every=" + STEPS + " steps"));
        all.add("train.checkpoint-every=" + STEPS + " steps");
        return lockstep.start(run.folder().getFileName().toString(), settings, all.toArray(String[]::new));
    }
}
