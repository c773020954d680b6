package dev.lockstep.jobs.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** On a real standalone cluster, started from Spark's jars: the bits of one machine. */
class StandaloneIT {
    private static final Duration RUN_DEADLINE = Duration.ofMinutes(6);
    private static final int USAGE = 2;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private static Path folder;

    private static Installation lockstep;
    private static StandaloneCluster cluster;
    private static Run.Bits local;
    private static Run.Bits longLocal;

    @BeforeAll
    static void trainLocally() throws IOException {
        lockstep = new Installation(folder);
        lockstep.addAssembly();
        Experiment.writeTo(folder);
        local = trainedLocally("local");
        longLocal = trainedLocally("long", "train.epochs=60", "train.evaluate-every=60 epochs");
        cluster = new StandaloneCluster(clusterFolder("open"), null);
    }

    @BeforeEach
    void beAsAtFirst() {
        cluster.keepTwoWorkers();
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    private static Run.Bits trainedLocally(String name, String... more) throws IOException {
        Run run = new Run(folder.resolve(name));
        try (ChildProcess process = lockstep.start(name + "-process", train(run, more))) {
            process.expectExit(0, RUN_DEADLINE);
        }
        return run.bits();
    }

    @Test
    void trainsTheSameBitsThroughSparkSubmitAndFromTheLauncher() throws IOException {
        Run submitted = new Run(folder.resolve("submitted"));
        try (ChildProcess process = cluster.submit("submit", train(submitted))) {
            process.expectExit(0, RUN_DEADLINE);
            assertThat(process.litter()).isEmpty();
        }
        assertTrainedOn(cluster, submitted);
        try (ChildProcess process = cluster.submit("mistake", "train", "sede=1")) {
            process.expectExit(USAGE, RUN_DEADLINE);
            assertThat(process.stderr()).contains("lockstep: sede: ");
        }
        Run launched = new Run(folder.resolve("launched"));
        try (ChildProcess process = lockstep.start("launch", train(launched, "--master", cluster.url()))) {
            process.expectExit(0, RUN_DEADLINE);
            assertThat(process.stderr()).isEmpty();
            assertThat(process.litter()).isEmpty();
        }
        assertTrainedOn(cluster, launched);
    }

    /** spark.ml's door, to the bits of one machine. */
    @Test
    void runsTheProgramOfTheReadme() throws IOException {
        DocumentedJar program = new DocumentedJar(Files.createDirectories(folder.resolve("program")));
        try (ChildProcess process = cluster.submitProgram("program", "Program", program.jar())) {
            process.expectExit(0, RUN_DEADLINE);
            assertThat(process.stdout()).contains("told: " + program.told());
        }
    }

    @Test
    void takesTheExecutorsThatComeAndGo() throws IOException {
        String[] length = {"train.epochs=60", "train.evaluate-every=60 epochs", "train.checkpoint-every=5 steps"};
        Run run = new Run(folder.resolve("elastic-run"));
        List<String> conf = List.of("spark.lockstep.replacement=10s");
        try (ChildProcess process = cluster.submit("elastic", conf, train(run, length))) {
            process.await("2 tasks", RUN_DEADLINE, () -> log(run).contains("on 2 tasks"));
            cluster.addWorker();
            process.await("3 tasks", RUN_DEADLINE, () -> log(run).contains("on 3 tasks"));
            cluster.removeWorker();
            cluster.removeWorker();
            process.await("1 task", RUN_DEADLINE, () -> log(run).contains("on 1 tasks"));
            process.expectExit(0, RUN_DEADLINE);
        }
        assertThat(run.bits()).isEqualTo(longLocal);
    }

    /** Nobody lives to tell the driver of it: it hears so from Spark, and goes on with what comes back. */
    @Test
    void survivesTheLossOfAllExecutorsWhenFewerComeBack() throws IOException {
        String[] length = {"train.epochs=60", "train.evaluate-every=60 epochs", "train.checkpoint-every=60 epochs"};
        Run run = new Run(folder.resolve("lost-run"));
        List<String> conf = List.of("spark.lockstep.replacement=10s");
        try (ChildProcess process = cluster.submit("lost-submit", conf, train(run, length))) {
            process.await("a step", RUN_DEADLINE, () -> process.stdout().contains("step "));
            cluster.loseAllExecutorsAndAWorker();
            process.expectExit(0, RUN_DEADLINE);
        }
        assertThat(log(run))
                .containsPattern(
                        "no replacement within 10 s \\(spark.lockstep.replacement\\); executor \\d+ was lost: ")
                .contains("on 1 tasks");
        assertThat(run.bits()).isEqualTo(longLocal);
    }

    private static String log(Run run) {
        try {
            return Files.readString(run.folder().resolve("train.log"));
        } catch (IOException e) {
            return ""; // not there yet
        }
    }

    @Test
    void trainsTheSameBitsBehindASecret() throws IOException {
        try (StandaloneCluster closed = new StandaloneCluster(clusterFolder("secret"), "a secret of this test")) {
            Run run = new Run(folder.resolve("authenticated"));
            try (ChildProcess process = closed.submit("submit", train(run))) {
                process.expectExit(0, RUN_DEADLINE);
            }
            assertTrainedOn(closed, run);
        }
    }

    /** One worker as on an older machine: other kernels would give other bits, so nothing is trained. */
    @Test
    void refusesExecutorsThatComputeOtherBits() throws IOException {
        cluster.removeWorker();
        cluster.addWorker(Map.of("LOCKSTEP_OPENBLAS_CORE", "Nehalem"));
        Run run = new Run(folder.resolve("mixed-run"));
        try (ChildProcess process = cluster.submit("mixed-submit", train(run))) {
            process.expectExit(USAGE, RUN_DEADLINE);
            assertThat(process.stderr())
                    .contains("lockstep: the executors would not compute the same bits: task 0 on ")
                    .contains("OpenBLAS for Nehalem")
                    .contains("LOCKSTEP_OPENBLAS_CORE");
        }
        assertThat(run.record().path("status").asText()).isEqualTo("failed");
    }

    private static void assertTrainedOn(StandaloneCluster cluster, Run run) throws IOException {
        assertThat(run.bits()).isEqualTo(local);
        assertThat(run.record().path("status").asText()).isEqualTo("finished");
        assertThat(run.record().path("spark_master").asText()).isEqualTo(cluster.url());
        assertThat(run.record().path("spark_application_id").asText()).startsWith("app-");
    }

    private static Path clusterFolder(String name) throws IOException {
        Path of = folder.resolve(name);
        Files.createDirectories(of.resolve("tmp"));
        return of;
    }

    private static String[] train(Run run, String... more) {
        List<String> words = new ArrayList<>(List.of("train", "--conf"));
        words.add(folder.resolve("small.conf").toString());
        words.addAll(List.of("--out", run.folder().toString(), "train.epochs=1", "train.exchange=gang"));
        words.addAll(List.of(more));
        return words.toArray(String[]::new);
    }
}
