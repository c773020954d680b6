package dev.lockstep.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.apache.spark.SparkContext;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** A command that ends with another code than 0 says why, in one line, whichever command and however far it came. */
class ExitTest {
    @TempDir
    private static Path folder;

    private static Path data;

    @BeforeAll
    static void write() throws IOException {
        data = TinyData.write(folder.resolve("data"));
    }

    /** Words that end each command with a code other than 0 before it has begun. */
    private static Map<String, List<String>> refused() {
        String none = folder.resolve("none").toString();
        return Map.ofEntries(
                Map.entry("train", List.of("data.path=" + none)),
                Map.entry("sweep", List.of("data.path=" + none, "seed=1,2")),
                Map.entry("course", List.of("1_4", "--data", none)),
                Map.entry("evaluate", List.of("--model", none)),
                Map.entry("predict", List.of("--model", none, "--out", none + ".csv")),
                Map.entry("export", List.of("--model", none, "--onnx", none + ".onnx")),
                Map.entry("quantise", List.of("--model", none, "--out", none + ".zip")),
                Map.entry("import", List.of("--keras", none, "--out", none + ".zip")),
                Map.entry("generate", List.of("--model", none, "--prompt", "x")),
                Map.entry("vectors", List.of("--model", none, "--near", "x")),
                Map.entry("rl", List.of("environment.name=none")),
                Map.entry("summary", List.of("network.layers=[]")),
                Map.entry("report", List.of(none)),
                Map.entry("compare", List.of(none)),
                Map.entry("watch", List.of(none)));
    }

    @Test
    void everyCommandSaysWhyItWillNotBegin() {
        Map<String, List<String>> words = refused();
        Set<String> all = new HashSet<>(
                new CommandLine(new LockstepCommand()).getSubcommands().keySet());
        all.removeAll(Set.of("generate-completion", "generate-man-page")); // they print, and are given nothing
        assertThat(words.keySet()).isEqualTo(all);
        words.forEach((command, more) -> {
            Cli ended = Cli.run(List.of(command), more.toArray(String[]::new));
            assertThat(ended.code()).as(command).isNotZero();
            ended.expectError(ended.code(), "lockstep: ");
        });
    }

    private static Cli trials(String command, Path out, String... more) {
        List<String> words = new ArrayList<>(List.of(command, "--master", "local[2]", "--out", out.toString()));
        words.addAll(TinyData.network(data));
        return Cli.run(words, more);
    }

    @Test
    void aSweepNoneOfWhoseTrialsFinishesEndsAsTheFirst() throws IOException {
        Path out = folder.resolve("diverged");
        trials("sweep", out, "optimizer.name=sgd", "optimizer.learning-rate=1e30,1e35", "train.iterations=3")
                .expectError(4, "none of the 2 trials finished", "001: training diverged");
        assertThat(out.resolve("sweep.json")).content().contains("\"failed\"", "none of the 2 trials finished");
    }

    @Test
    void anExerciseNoneOfWhoseTrialsFinishesEndsTheCourseAsTheFirst() {
        Cli.run(
                        "course",
                        "1_4",
                        "--master",
                        "local[2]",
                        "--out",
                        folder.resolve("course-diverged").toString(),
                        "--data",
                        data.toString(),
                        "network.input=[16]",
                        "network.classes=3",
                        "train.batch-size=20",
                        "train.iterations=3",
                        "optimizer.name=sgd",
                        "optimizer.learning-rate=1e35")
                .expectError(4, "there is an exercise none of whose trials finished", "training diverged");
    }

    @Test
    void aSweepWhoseBestOfARungDivergeLaterEndsAsTheFirstOfThem() {
        trials(
                        "sweep",
                        folder.resolve("late"),
                        "sweep.strategy=halving",
                        "sweep.budget=1 step",
                        "sweep.reduction=2",
                        "optimizer.name=sgd",
                        "optimizer.learning-rate=1e12,1e13", // well past the first step, and then
                        "network.layers=[{type=dense,units=6,activation=identity},{type=output}]",
                        "train.iterations=20")
                .expectError(4, "none of the 2 trials finished", "training diverged");
    }

    @Test
    void whenSparkEndsUnderTrialsThatAreNotDoneEveryCommandSaysSo() throws Exception {
        Path trained = folder.resolve("train-lost");
        assertThat(lost(trained.resolve("metrics.jsonl"), () -> trials("train", trained, "train.epochs=100000")))
                .isNotBlank();
        Path swept = folder.resolve("sweep-lost");
        assertThat(lost(
                        swept.resolve("trials/001/metrics.jsonl"),
                        () -> trials("sweep", swept, "seed=1,2,3,4", "train.epochs=100000")))
                .contains("Spark ended before all trials did");
    }

    /** Ends Spark when a file is there. What Scala's threads then say of their own is not ours to count. */
    private static String lost(Path file, Callable<Cli> command) throws Exception {
        FutureTask<Cli> running = new FutureTask<>(command);
        Thread thread = new Thread(running);
        thread.start();
        Awaitility.await(file.toString()).atMost(Duration.ofMinutes(1)).until(() -> Files.exists(file));
        SparkContext.getOrCreate().stop();
        thread.join();
        assertThat(running.get().code()).isEqualTo(1);
        List<String> said = running.get()
                .err()
                .lines()
                .filter(line -> line.startsWith("lockstep: "))
                .toList();
        assertThat(said).hasSize(1);
        return said.get(0);
    }

    @Command(name = "silent")
    private static final class Silent implements LockstepCommand.Extra {
        @Override
        public Integer call() {
            return 1;
        }
    }

    @Test
    void whoeverForgetsToSayWhyIsFoundOut() {
        assertThat(Cli.of(() -> LockstepCommand.run(List.of(new Silent()), () -> {}, "silent"))
                        .expectError(1, "ended with exit code 1 and did not say why")
                        .out())
                .isEmpty();
    }
}
