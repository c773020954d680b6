package dev.lockstep.driver.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.SweepParser;
import dev.lockstep.driver.report.SweepReport;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.run.SweepRecord;
import dev.lockstep.driver.source.IdxFiles;
import dev.lockstep.driver.spark.LocalSpark;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Successive halving on real local Spark, whatever runs at once and however often it is interrupted. */
class HalvingTest {
    private static final Configuration HADOOP = new Configuration();

    @TempDir
    private static Path temporary;

    private static boolean run(int slots, String name, BooleanSupplier stop, String... lines) throws IOException {
        Search search = Search.of(
                SweepParser.parse(
                        ConfigFactory.parseString("""
                network { input = [1, 4, 3], classes = 5, layers = [
                  { type = dense, units = 6 }, { type = output }] }
                train { epochs = 4, batch-size = 10, shards = 2 }
                data.path = "%s"
                optimizer.name = sgd
                sweep { strategy = halving, budget = 1 epoch, reduction = 2, metric = test-loss
                  space.optimizer.learning-rate = [0.001, 1e30, 0.3, 0.03] }
                %s
                """.formatted(temporary.resolve("data"), String.join("\n", lines)))),
                new Datasets(HADOOP),
                false);
        RunFolder folder = RunFolder.at(temporary.resolve(name).toString(), HADOOP);
        folder.create();
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        Datasets datasets = new Datasets(HADOOP);
        Sweep sweep = new Sweep(search, datasets, folder, new SweepTable(nowhere, false, search), stop);
        try (JavaSparkContext spark = LocalSpark.start(slots)) {
            return sweep.run(new TrialScheduler(spark, datasets, folder, "test", "test", sweep));
        }
    }

    private static List<String> table(String name) throws IOException {
        return Files.readAllLines(temporary.resolve(name).resolve("summary.csv")).stream()
                .map(row -> row.replaceFirst(",[^,]*,[^,]*$", ""))
                .toList();
    }

    @BeforeAll
    static void write() throws IOException {
        IdxFiles.writePlain(Files.createDirectories(temporary.resolve("data")));
    }

    /** Inside a round of parameter averaging there is no model to judge: a trial rests at the round's end. */
    @Test
    void aRungThatEndsInsideARoundIsJudgedAtTheRoundsEnd() throws IOException {
        String rounds = "train.sync-every = 3"; // rungs of 5 and 10 steps end with the rounds at 6 and 12
        assertThat(run(2, "rounds", () -> false, rounds)).isTrue();
        List<String> table = table("rounds");
        assertThat(steps(table, "finished")).containsExactly("20");
        assertThat(steps(table, "stopped")).containsExactlyInAnyOrder("6", "12");
        assertThat(steps(table, "diverged")).hasSize(1);

        AtomicBoolean asked = new AtomicBoolean();
        Path begun = temporary.resolve("rounds-resumed/trials/001/run.json");
        BooleanSupplier soon = () -> asked.get() || Files.exists(begun) && asked.getAndSet(true);
        assertThat(run(1, "rounds-resumed", soon, rounds)).isFalse();
        assertThat(run(2, "rounds-resumed", () -> false, rounds)).isTrue();
        assertThat(table("rounds-resumed")).isEqualTo(table);
    }

    private static List<String> steps(List<String> table, String status) {
        return table.stream()
                .filter(row -> row.contains("," + status + ","))
                .map(row -> row.split(",")[8])
                .toList();
    }

    @Test
    void theBestGoOnAndTheOthersSayWhereTheyWereStopped() throws IOException {
        assertThat(run(1, "one", () -> false)).isTrue();
        List<String> table = table("one");
        assertThat(table.get(2)).startsWith("002,diverged,,1e30,");
        // 5 steps an epoch: 4 trials for 1 epoch, 2 for 2, 1 for all 4
        assertThat(table.subList(1, 5).stream().map(row -> row.split(",")[1])).containsOnlyOnce("finished");
        assertThat(table.stream().filter(row -> row.contains(",finished,1,") && row.contains(",20,")))
                .hasSize(1);
        assertThat(table.stream().filter(row -> row.contains(",stopped,2,") && row.endsWith(",10,")))
                .hasSize(1);
        assertThat(table.stream().filter(row -> row.contains(",stopped,3,") && row.endsWith(",5,")))
                .hasSize(1);
        String trials = Files.readString(temporary.resolve("one/trials.jsonl"));
        assertThat(trials)
                .contains(
                        "\"stopped\":\"after 1 epoch: place 3 of 4 by test-loss, the best 2 went on\"",
                        "\"stopped\":\"after 2 epochs: place 2 of 2 by test-loss, the best 1 went on\"");

        assertThat(run(4, "four", () -> false)).isTrue();
        assertThat(table("four")).isEqualTo(table);

        AtomicBoolean asked = new AtomicBoolean();
        Path begun = temporary.resolve("resumed/trials/001/run.json");
        BooleanSupplier soon = () -> asked.get() || Files.exists(begun) && asked.getAndSet(true);
        assertThat(run(1, "resumed", soon)).isFalse();
        assertThat(run(2, "resumed", () -> false)).isTrue();
        assertThat(table("resumed")).isEqualTo(table);

        RunFolder folder = RunFolder.at(temporary.resolve("one").toString(), HADOOP);
        folder.write(SweepRecord.FILE, "{\"status\":\"finished\",\"metric\":\"test-loss\",\"trials\":4}");
        SweepReport.write(folder);
        assertThat(Files.readString(temporary.resolve("one/report.html")))
                .contains(
                        "Parallel coordinates",
                        "Loss on test",
                        "script-src &#39;sha256-",
                        "href=\"trials/003/report.html\"")
                .doesNotContain("http://", "https://");
    }
}
