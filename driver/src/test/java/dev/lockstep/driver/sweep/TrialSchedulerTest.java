package dev.lockstep.driver.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.Every;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.driver.evaluate.SplitName;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.run.RunRecord.Status;
import dev.lockstep.driver.source.IdxFiles;
import dev.lockstep.driver.spark.LocalSpark;
import dev.lockstep.worker.failure.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trials side by side on real local Spark. */
class TrialSchedulerTest {
    private static final Configuration HADOOP = new Configuration();

    @TempDir
    private static Path temporary;

    private static Path data;
    private static JavaSparkContext spark;

    @BeforeAll
    static void start() throws IOException {
        data = Files.createDirectories(temporary.resolve("data"));
        IdxFiles.writePlain(data);
        spark = LocalSpark.start(2);
    }

    @AfterAll
    static void stop() {
        spark.stop();
    }

    private static final class Told implements TrialObserver {
        final List<String> ended = new ArrayList<>();
        int stopAfter = Integer.MAX_VALUE;
        long steps;

        @Override
        public void progressed(Trial trial, long stepsDone, long restStep) {
            steps++;
        }

        @Override
        public void ended(TrialResult result) {
            ended.add(result.trial().name());
        }

        @Override
        public boolean stopRequested() {
            return ended.size() >= stopAfter;
        }
    }

    private static RunFolder folder(String name) {
        return RunFolder.at(temporary.resolve(name).toString(), HADOOP);
    }

    private static TrialScheduler scheduler(String folder, TrialObserver observer) {
        return new TrialScheduler(spark, new Datasets(HADOOP), folder(folder), "test", "test", observer);
    }

    private static Trial trial(String name, String rate, String... lines) {
        RunConfig config =
                RunConfigParser.parse(ConfigFactory.parseString("""
                network { input = [1, 4, 3], classes = 5, layers = [
                  { type = dense, units = 6, activation = identity }, { type = output }] }
                train { epochs = 3, batch-size = 10, shards = 2, tasks = 1, exchange = local }
                data.path = "%s"
                optimizer { name = sgd, learning-rate = %s }
                %s""".formatted(data, rate, String.join("\n", lines))));
        return new Trial(name, Map.of("optimizer.learning-rate", rate), config);
    }

    private static List<Trial> trials() {
        return IntStream.rangeClosed(1, 5)
                .mapToObj(i -> trial("t" + i, i == 2 ? "1e30" : "0.0" + i))
                .toList();
    }

    @Test
    void oneThatDivergesDoesNotStopTheOthersAndOrderIsTheTrials() {
        Told told = new Told();
        List<TrialResult> results = scheduler("diverging", told).run(trials());
        assertThat(results.stream().map(r -> r.trial().name())).containsExactly("t1", "t2", "t3", "t4", "t5");
        assertThat(results.stream().map(TrialResult::status))
                .containsExactly(Status.FINISHED, Status.DIVERGED, Status.FINISHED, Status.FINISHED, Status.FINISHED);
        assertThat(results.get(1).error()).startsWith("training diverged");
        assertThat(results.get(1).exitCode()).isEqualTo(4);
        assertThat(results.get(0).steps()).isEqualTo(15);
        assertThat(results.get(0).evaluations()).hasSize(3);
        assertThat(told.ended).containsExactlyInAnyOrder("t1", "t2", "t3", "t4", "t5");
        assertThat(temporary.resolve("diverging/trials/t3")).isDirectoryContaining("glob:**/{run.json}");
        for (String file : List.of("run.json", "config.resolved.conf", "metrics.jsonl", "model.zip", "report.html")) {
            assertThat(temporary.resolve("diverging/trials/t3").resolve(file)).isNotEmptyFile();
        }
        assertThat(temporary.resolve("diverging/trials/t2/train.log"))
                .content()
                .contains("trial t2 failed", "DivergenceException: training diverged", "\tat dev.lockstep.");
    }

    @Test
    void aTrialsBitsAreItsOwnWhateverRunsBesideItAndHow() {
        List<TrialResult> beside = scheduler("beside", new Told()).run(trials());
        TrialResult alone =
                scheduler("alone", new Told()).run(List.of(trials().get(2))).get(0);
        TrialResult spread = scheduler("spread", new Told())
                .run(List.of(trial("t3", "0.03", "train { tasks = 2, exchange = job }")))
                .get(0);
        assertThat(beside.get(2).parametersSha256())
                .isEqualTo(alone.parametersSha256())
                .isEqualTo(spread.parametersSha256())
                .isNotEqualTo(beside.get(3).parametersSha256());
        assertThat(beside.get(2).evaluations()).isEqualTo(spread.evaluations());
    }

    @Test
    void whatWasStoppedGoesOnAndWhatEndedIsNotRepeated() throws IOException {
        Told first = new Told();
        first.stopAfter = 2;
        List<TrialResult> begun = scheduler("stopped", first).run(trials());
        assertThat(begun).hasSizeLessThan(5).hasSizeGreaterThanOrEqualTo(2);
        Path model = temporary.resolve("stopped/trials/t1/model.zip");
        var written = Files.getLastModifiedTime(model);

        Told second = new Told();
        List<TrialResult> all = scheduler("stopped", second).run(trials());
        List<TrialResult> inOneGo = scheduler("in-one-go", new Told()).run(trials());
        assertThat(Files.getLastModifiedTime(model)).isEqualTo(written);
        assertThat(all.stream().map(TrialResult::parametersSha256))
                .isEqualTo(inOneGo.stream().map(TrialResult::parametersSha256).toList());
        assertThat(all.stream().map(TrialResult::evaluations))
                .isEqualTo(inOneGo.stream().map(TrialResult::evaluations).toList());
        Told third = new Told();
        assertThat(scheduler("stopped", third).run(trials())).hasSize(5);
        assertThat(third.steps).as("nothing is left to do").isZero();
    }

    @Test
    void aTrialRestsAtItsBudgetAndGoesOnToTheSameBits() {
        Every twoEpochs = new Every(2, Every.Unit.EPOCHS);
        List<Trial> one = trials().subList(0, 1);
        TrialResult rested =
                scheduler("resting", new Told()).run(one, twoEpochs).get(0);
        assertThat(rested.status()).isEqualTo(Status.INTERRUPTED);
        assertThat(rested.steps()).isEqualTo(10);
        assertThat(rested.parametersSha256()).isNull();
        Told again = new Told();
        scheduler("resting", again).run(one, twoEpochs);
        assertThat(again.steps).isZero();
        TrialResult whole = scheduler("resting", new Told()).run(one).get(0);
        TrialResult straight = scheduler("straight", new Told()).run(one).get(0);
        assertThat(whole.parametersSha256()).isEqualTo(straight.parametersSha256());
        assertThat(whole.at(SplitName.TEST, 10))
                .isEqualTo(rested.last(SplitName.TEST))
                .isNotEmpty();
    }

    /** Under the same name there may lie a trial of other settings, or a shorter one. */
    @Test
    void whatEndedIsKeptOnlyWhenItIsTheSameTrial() throws IOException {
        List<Trial> asked = List.of(trial("same", "0.01"), trial("other", "0.01"), trial("short", "0.01"));
        List<TrialResult> inOneGo = scheduler("asked", new Told()).run(asked);
        scheduler("mixed", new Told())
                .run(List.of(
                        trial("same", "0.01"), trial("other", "0.02"), trial("short", "0.01", "train.epochs = 2")));
        byte[] before = Files.readAllBytes(temporary.resolve("mixed/trials/other/run.json"));
        assertThatThrownBy(() -> TrialScheduler.refuseOthers(folder("mixed"), asked, new Datasets(HADOOP)))
                .isInstanceOf(ModelException.class)
                .hasMessageContainingAll("trials/other/", "optimizer.learning-rate is 0.02 there and 0.01 here");
        Told told = new Told();
        List<TrialResult> results = scheduler("mixed", told).run(asked);
        assertThat(results.stream().map(TrialResult::status))
                .containsExactly(Status.FINISHED, Status.FAILED, Status.FINISHED);
        assertThat(results.get(1).error()).contains("is of another run: optimizer.learning-rate");
        assertThat(Files.readAllBytes(temporary.resolve("mixed/trials/other/run.json")))
                .isEqualTo(before);
        assertThat(results.get(2).parametersSha256()).isEqualTo(inOneGo.get(2).parametersSha256());
        assertThat(told.steps).as("the third epoch of the short one").isEqualTo(5);
    }

    @Test
    void aTrialThatCannotBeginIsPutDownAsFailed() throws IOException {
        Files.createDirectories(temporary.resolve("blocked/trials"));
        Files.writeString(temporary.resolve("blocked/trials/t1"), "not a folder");
        List<TrialResult> results = scheduler("blocked", new Told()).run(trials().subList(0, 3));
        assertThat(results.stream().map(TrialResult::status))
                .containsExactly(Status.FAILED, Status.DIVERGED, Status.FINISHED);
        assertThat(results.get(0).error()).contains("cannot make the folder");
    }
}
