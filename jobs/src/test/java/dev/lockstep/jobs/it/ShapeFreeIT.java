package dev.lockstep.jobs.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The trained bits depend on configuration and data alone: not on threads, executors or the way of exchange. */
class ShapeFreeIT {
    private static final Duration RUN_DEADLINE = Duration.ofMinutes(6);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private static Path folder;

    private static Installation lockstep;
    private static Run.Bits reference;

    @BeforeAll
    static void trainOnOneThread() throws IOException {
        lockstep = new Installation(folder);
        Experiment.writeTo(folder);
        reference = train("reference", "--master", "local[1]", "train.exchange=local")
                .bits();
        assertThat(reference.metrics()).hasSize(22 + 2); // steps and evaluations
    }

    /** With examples copied to every executor ({@code replicate} is larger than they are) and shuffled. */
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\'',
            value = {
                "local[2], gang, 2, 128m",
                "local[4], gang, 4, 0",
                "local[2], job, 2, 0",
                "local[4], job, 4, 128m",
                "local[2], local, 1, 0",
                "'local-cluster[2,1,1024]', gang, 2, 0",
                "'local-cluster[3,1,1024]', gang, 3, 128m",
                "'local-cluster[2,2,1024]', gang, 4, 128m",
                "'local-cluster[2,1,1024]', job, 2, 128m",
                "'local-cluster[3,1,1024]', job, 3, 0",
            })
    void givesTheSameBits(String master, String exchange, int tasks, String replicate) throws IOException {
        Run run = run(
                master + "-" + exchange,
                List.of("-Dspark.lockstep.replicate=" + replicate),
                folder.resolve("small.conf").toString(),
                "--master=" + master,
                "train.epochs=2",
                "train.exchange=" + exchange);
        assertThat(run.bits()).isEqualTo(reference);
        assertThat(run.record().path("spark_master").asText()).isEqualTo(master);
        assertThat(run.record().path("tasks").asInt()).isEqualTo(tasks);
    }

    @Test
    void givesOtherBitsForAnotherSeed() throws IOException {
        Run.Bits other = train("seed", "--master", "local[2]", "seed=2").bits();
        assertThat(other.parametersSha256()).isNotEqualTo(reference.parametersSha256());
        assertThat(other.optimizerSha256()).isNotEqualTo(reference.optimizerSha256());
        assertThat(other.testLoss()).isNotEqualTo(reference.testLoss());
    }

    @Test
    void parameterAveragingGivesTheSameBitsToo() throws IOException {
        Run.Bits alone = train("alone", "--master", "local[1]", "train.sync-every=5", "train.exchange=local")
                .bits();
        Run.Bits cluster = train("cluster", "--master=local-cluster[2,1,1024]", "train.sync-every=5")
                .bits();
        assertThat(cluster).isEqualTo(alone);
        assertThat(alone.parametersSha256()).isNotEqualTo(reference.parametersSha256());
    }

    /** Layer and instance norm, LRN, residual blocks, augmentation, elastic net, a schedule, clipping, early stopping. */
    @Test
    void everyOtherPartGivesTheSameBitsToo() throws IOException {
        String conf = Experiment.writePartsTo(folder);
        Run alone = run("parts-alone", conf, "--master", "local[1]", "train.exchange=local");
        Run jobs = run("parts-job", conf, "--master", "local[2]", "train.exchange=job");
        Run gang = run("parts-gang", conf, "--master=local-cluster[2,1,1024]", "train.exchange=gang");
        assertThat(jobs.bits()).isEqualTo(alone.bits());
        assertThat(gang.bits()).isEqualTo(alone.bits());
        assertThat(alone.record().path("steps").asInt()).as("stopped early").isLessThan(54);
    }

    /** An embedding, LSTMs and a GRU, as Keras 1 has them. */
    @Test
    void aModelOfKerasGoesOnLearningInTheSameBits() throws IOException {
        Path file = Path.of("../driver/src/test/resources/keras/words-keras-1.h5");
        Path model = folder.resolve("words.zip");
        String conf;
        try (ChildProcess process =
                lockstep.start("import", List.of(), "import", "--keras=" + file.toAbsolutePath(), "--out=" + model)) {
            process.expectExit(0, RUN_DEADLINE);
            conf = Files.writeString(folder.resolve("words.conf"), process.stdout() + """
                    data { format = text, path = "bundled:moby-dick", train-limit = 120, test-limit = 50, text.steps = 7 }
                    train { epochs = 2, batch-size = 31, shards = 5 }
                    """)
                    .toString();
        }
        Run alone = run("words-alone", conf, "--master=local[1]", "train.exchange=local");
        Run cluster = run("words-cluster", conf, "--master=local-cluster[2,1,1024]");
        assertThat(cluster.bits()).isEqualTo(alone.bits());
        assertThat(alone.record().path("parameters_sha256"))
                .isNotEqualTo(alone.record().path("start_parameters_sha256"));
    }

    private static Run train(String name, String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of("train.epochs=2"));
        all.addAll(List.of(arguments));
        return run(name, folder.resolve("small.conf").toString(), all.toArray(String[]::new));
    }

    private static Run run(String name, String conf, String... arguments) throws IOException {
        return run(name, List.of(), conf, arguments);
    }

    private static Run run(String name, List<String> settings, String conf, String... arguments) throws IOException {
        Run run = new Run(folder.resolve(name));
        List<String> all = new ArrayList<>(
                List.of("train", "--conf", conf, "--out", run.folder().toString()));
        all.addAll(List.of(arguments));
        try (ChildProcess process = lockstep.start(name + "-process", settings, all.toArray(String[]::new))) {
            process.expectExit(0, RUN_DEADLINE);
            assertThat(process.stderr()).isEmpty();
            assertThat(process.litter()).isEmpty();
        }
        assertThat(Files.exists(lockstep.root().resolve("work")))
                .as("Spark's work folder")
                .isFalse();
        assertThat(run.record().path("status").asText()).isEqualTo("finished");
        return run;
    }
}
