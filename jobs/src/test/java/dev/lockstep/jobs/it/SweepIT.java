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

/** A sweep's table depends on configuration and data alone: not on the cluster, nor on how often it was killed. */
class SweepIT {
    private static final Duration DEADLINE = Duration.ofMinutes(3);
    private static final int TRIALS = 6;
    private static final String DIVERGING = "1e30";

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private static Path folder;

    private static Installation lockstep;
    private static List<String> reference;
    private static String output;

    @BeforeAll
    static void sweepOnTwoThreads() throws IOException {
        lockstep = new Installation(folder);
        Experiment.writeTo(folder);
        try (ChildProcess process = start("reference", "local[2]")) {
            process.expectExit(0, DEADLINE);
            assertThat(process.stderr()).isEmpty();
            output = process.stdout();
        }
        reference = table("reference");
    }

    @Test
    void aTrialThatDivergesIsPutDownAndTheOthersFinish() {
        assertThat(reference).hasSize(1 + TRIALS);
        assertThat(reference.get(0)).startsWith("trial,status,rank,optimizer.learning-rate,optimizer.name,");
        for (String row : reference.subList(1, 1 + TRIALS)) {
            assertThat(row).contains(row.contains("," + DIVERGING + ",") ? ",diverged,," : ",finished,");
        }
        assertThat(reference.stream().filter(row -> row.contains(",diverged,"))).hasSize(2);
    }

    @Test
    void aClusterGivesTheSameTable() throws IOException {
        try (ChildProcess process = start("cluster", "local-cluster[2,1,1024]")) {
            process.expectExit(0, DEADLINE);
        }
        assertThat(table("cluster")).isEqualTo(reference);
    }

    @Test
    void killedAtARandomMomentItGoesOnAndRepeatsNothing() throws IOException {
        long seed = Long.getLong("lockstep.kill.seed", System.nanoTime());
        System.out.println("repeat this moment with -Dlockstep.kill.seed=" + seed);
        Random random = new Random(seed);
        Path killed = folder.resolve("killed");
        int before = 1 + random.nextInt(3);
        try (ChildProcess process = start("killed", "local[2]")) {
            process.await(before + " trials", DEADLINE, () -> models(killed).size() >= before);
            LockSupport.parkNanos(Duration.ofMillis(random.nextInt(300)).toNanos()); // the random moment
            assertThat(process.isAlive()).as(process::toString).isTrue();
            process.kill();
            process.expectExit(128 + 9, DEADLINE);
        }
        List<Path> finished = models(killed).stream()
                .filter(model -> new Run(model.getParent())
                        .record()
                        .path("status")
                        .asText()
                        .equals("finished"))
                .toList();
        List<String> written = times(finished);
        try (ChildProcess process =
                lockstep.start("resumed", "sweep", "--resume", "--out", killed.toString(), "--master", "local[2]")) {
            process.expectExit(0, DEADLINE);
        }
        assertThat(table("killed")).isEqualTo(reference);
        assertThat(times(finished)).as("nothing that finished was repeated").isEqualTo(written);
    }

    @Test
    void theBestTrialTrainedAgainByACommandOnAClusterHasTheSameBits() throws IOException {
        String again = "train it again with: " + lockstep.root().resolve("bin/lockstep") + " ";
        String command = output.lines()
                .filter(line -> line.startsWith(again))
                .findFirst()
                .orElseThrow()
                .substring(again.length());
        List<String> words = new ArrayList<>(List.of(command.split(" ")));
        Run winner = new Run(folder.resolve("again"));
        words.addAll(List.of("--out", winner.folder().toString(), "--master", "local-cluster[2,1,1024]"));
        try (ChildProcess process = lockstep.start("winner", words.toArray(String[]::new))) {
            process.expectExit(0, DEADLINE);
        }
        assertThat(winner.record().path("tasks").asInt())
                .as("spread over the cluster")
                .isEqualTo(2);
        String best = reference.stream()
                .filter(row -> row.contains(",finished,1,"))
                .findFirst()
                .orElseThrow();
        assertThat(best).contains(winner.record().path("parameters_sha256").asText("none"));
    }

    private static ChildProcess start(String name, String master) {
        return lockstep.start(
                name + "-process",
                "sweep",
                "--conf",
                folder.resolve("small.conf").toString(),
                "--out",
                folder.resolve(name).toString(),
                "--master",
                master,
                "train.iterations=33",
                "train.checkpoint-every=3",
                "optimizer.learning-rate=0.01,0.001," + DIVERGING,
                "optimizer.name=adam,sgd");
    }

    /** summary.csv without its last two columns, the times. */
    private static List<String> table(String name) throws IOException {
        return Files.readAllLines(folder.resolve(name).resolve("summary.csv")).stream()
                .map(row -> row.replaceFirst(",[^,]*,[^,]*$", ""))
                .toList();
    }

    private static List<Path> models(Path sweep) {
        List<Path> models = new ArrayList<>();
        for (int i = 1; i <= TRIALS; i++) {
            Path model = sweep.resolve("trials/00" + i + "/model.zip");
            if (Files.exists(model)) {
                models.add(model);
            }
        }
        return models;
    }

    private static List<String> times(List<Path> files) throws IOException {
        List<String> times = new ArrayList<>();
        for (Path file : files) {
            times.add(file + " " + Files.getLastModifiedTime(file));
        }
        return times;
    }
}
