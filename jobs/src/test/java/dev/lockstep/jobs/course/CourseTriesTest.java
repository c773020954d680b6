package dev.lockstep.jobs.course;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.run.FolderLock;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.spark.SparkApplication;
import dev.lockstep.driver.sweep.Datasets;
import dev.lockstep.driver.sweep.Trial;
import dev.lockstep.worker.failure.ConfigurationException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a student may turn. */
class CourseTriesTest {
    /** Few examples and steps, but every network and variant. */
    private static final List<String> SHORT =
            List.of("train.iterations=5", "data.train-limit=200", "data.test-limit=40");

    @TempDir
    private Path folder;

    private static CoursePlan plan(String exercise, String... overrides) {
        return new CoursePlan(Course.named(List.of(exercise)), List.of(overrides), null, null, 0, null);
    }

    private static List<Trial> trials(String exercise, String... overrides) {
        CoursePlan plan = plan(exercise, overrides);
        return plan.exercises().get(0).trials(plan);
    }

    private static String layers(RunConfig config) {
        return config.network().nodes().stream()
                .map(node -> node.layer().toString())
                .reduce("", (before, layer) -> before + layer + "\n");
    }

    /** The commands of docs/course.md, each a line of its own. */
    private static List<String> commands() throws IOException {
        String page = Files.readString(Path.of("../docs/course.md"));
        return Pattern.compile("^\\| `(bin/lockstep course [^`]*)` \\|", Pattern.MULTILINE)
                .matcher(page)
                .results()
                .map((MatchResult found) -> found.group(1))
                .toList();
    }

    @Test
    void everyTryOfTheCourseIsALineThatRuns() throws IOException {
        List<String> commands = commands();
        assertThat(commands).hasSizeGreaterThanOrEqualTo(25).allSatisfy(line -> assertThat(line)
                .hasSizeLessThanOrEqualTo(80));
        Datasets datasets = new Datasets(new Configuration());
        try (JavaSparkContext spark =
                SparkApplication.start(SparkApplication.conf("local[2]", "tries", null), () -> false)) {
            for (String command : commands) {
                List<String> names = new ArrayList<>();
                List<String> overrides = new ArrayList<>();
                for (String word : command.replace("'", "").split(" ")) {
                    (word.contains("=") ? overrides : names).add(word);
                }
                int turned = overrides.size();
                overrides.addAll(SHORT);
                CoursePlan plan =
                        new CoursePlan(Course.named(names.subList(2, names.size())), overrides, null, null, 1, null);
                RunFolder out = RunFolder.at(
                        folder.resolve("try" + commands.indexOf(command)).toString(), new Configuration());
                out.create();
                ByteArrayOutputStream shown = new ByteArrayOutputStream();
                CourseRun run = new CourseRun(
                        plan, datasets, out, new PrintStream(shown, true, StandardCharsets.UTF_8), command, "test");
                run.check();
                try (FolderLock lock = FolderLock.take(out)) {
                    CourseRun.Outcome outcome = run.run(spark, lock, () -> false);
                    assertThat(outcome.failure()).as(command).isNull();
                    assertThat(outcome.run()).as(command).isEqualTo(plan.exercises());
                }
                assertThat(shown.toString(StandardCharsets.UTF_8))
                        .contains("laid over: " + String.join(" ", overrides.subList(0, turned)));
            }
        }
    }

    @Test
    void hiddenLayersAreOfTheSizesThatAreAsked() {
        List<Trial> trials = trials("2_2_1", "hidden=[80,20,7]");
        assertThat(trials)
                .extracting(Trial::name)
                .containsExactly("sigmoid-gauss", "relu-gauss", "sigmoid-xavier", "relu-he");
        assertThat(layers(trials.get(3).config()))
                .containsPattern(
                        "Dense\\[units=80, activation=RELU.*\n.*units=20, .*RELU.*\n.*units=7, .*RELU.*\nOutput");
        assertThat(layers(trials("2_5_dropout", "hidden=[9,8]").get(0).config()))
                .containsPattern("^Dense\\[units=9.*\nDropout.*\nDense\\[units=8.*\nDropout.*\nOutput");
        assertThat(layers(trials("2_7", "hidden=[9]").get(0).config()))
                .containsPattern("^Convolution.*\nPooling.*\nConvolution.*\nPooling.*\nDense\\[units=9.*\nOutput");
    }

    @Test
    void variantsThatHaveBecomeOneAreTriedOnce() {
        List<Trial> trials = trials("2_4_optimizer", "optimizer=adagrad", "lr=0.1");
        assertThat(trials).extracting(Trial::name).containsExactly("try");
        assertThat(trials.get(0).config().network().optimizer().toString()).contains("AdaGrad", "0.1");
        assertThat(trials("2_5_dropout", "optimizer=adam"))
                .extracting(Trial::name)
                .containsExactly("try", "adam");
        assertThat(trials("2_5_dropout", "dropout.ratio=0.3"))
                .hasSize(5)
                .allSatisfy(trial ->
                        assertThat(layers(trial.config())).contains("0.3").doesNotContain("0.15"));
    }

    @Test
    void aNormGoesBetweenSumAndActivation() {
        String normed = layers(trials("2_4_optimizer", "batch-norm=true", "activation=relu")
                .get(0)
                .config());
        assertThat(normed)
                .containsPattern(
                        "^Dense\\[units=40, activation=IDENTITY.*\nBatchNorm.*\nActivation.*RELU.*\nDense\\[units=20");
        List<Trial> plain = trials("2_3", "batch-norm=false");
        assertThat(plain).extracting(Trial::name).containsExactly("try", "try-2");
        assertThat(layers(plain.get(0).config())).containsPattern("^Dense\\[units=40, activation=SIGMOID");
    }

    @Test
    void theDecayIsTurnedWhereTheVariantHasIt() {
        List<Trial> trials = trials("2_5_weight_decay", "lambda=0.25");
        assertThat(trials.get(0).config().network().l2()).isEqualTo(0.25);
        assertThat(trials.get(0).config().network().l1()).isZero();
        assertThat(trials.get(1).config().network().l1()).isEqualTo(0.25);
        assertThat(trials.get(1).config().network().l2()).isZero();
    }

    @Test
    void whatCannotBeTurnedNamesWhatCan() {
        assertThatThrownBy(() -> trials("2_2_1", "dropout.ratio=0.3"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("dropout.ratio: is nothing that can be turned in 2_2_1_vanishing_gradient;"
                        + " 2_2_1_vanishing_gradient has these to turn: hidden (sizes of the hidden layers, such as [80,20]);"
                        + " activation (");
        assertThatThrownBy(() -> trials("2_5_dropout", "dropot=0.3"))
                .hasMessageContainingAll(
                        "dropot: unknown key", "2_5_dropout has these to turn: hidden", "dropout.ratio (");
        assertThatThrownBy(() -> trials("2_2_1", "hidden=wide"))
                .hasMessage("hidden=wide: expected sizes of the hidden layers, such as [80,20]");
        CoursePlan worked = plan("2_6_im2col", "strid=2");
        assertThatThrownBy(() -> ((WorkedExercise) worked.exercises().get(0)).worked(worked))
                .hasMessage("strid: is nothing that can be turned in 2_6_im2col; 2_6_im2col has these to turn:"
                        + " size; filter; stride; padding");
    }

    @Test
    void aWorkedExampleIsWorkedWithOtherValues() {
        CoursePlan unit = plan("1_1", "x=[1,1,2]", "w=[1,2,3]", "b=0.5");
        List<Passage> passages = ((WorkedExercise) unit.exercises().get(0)).worked(unit);
        assertThat(passages).hasSize(1);
        assertThat(passages.get(0).text()).containsPattern("u = x W \\+ b += \\[ +9\\.50000000 ]");
        CoursePlan unfolding = plan("2_6_im2col", "size=[1,1,6,6]", "filter=2", "padding=1");
        assertThat(((WorkedExercise) unfolding.exercises().get(0))
                        .worked(unfolding)
                        .get(0)
                        .text())
                .contains("the matrix is 1*7*7 x 1*2*2 = 49x4");
        CoursePlan damaged = plan("2_6_im2col", "size=[1,1]");
        assertThatThrownBy(() -> ((WorkedExercise) damaged.exercises().get(0)).worked(damaged))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("expected size=[N,C,H,W]");
    }

    /** Members are trainings, too; and one seed is one, of ensembles as well, whose file says three. */
    @Test
    void whatIsPlannedCountsEveryTraining() {
        List<Exercise> ensembles = Course.named(List.of("ensembles"));
        for (int seeds : new int[] {0, 1}) {
            CoursePlan plan = new CoursePlan(ensembles, List.of(), null, null, seeds, null);
            String planned = new CourseRun(plan, new Datasets(new Configuration()), null, null, "", "").dryRun();
            int each = seeds == 0 ? 3 : 1;
            assertThat(planned)
                    .startsWith("ensembles: %d trials, %,d steps, about ".formatted(19 * each, 12_000 * each))
                    .containsPattern("\n  5 trials, 5,000 steps, about .* of one core  bagging\n")
                    .containsPattern("\n  5 trials, 1,500 steps, about .* of one core  boosting-samme\n")
                    .containsPattern("\n  4 trials, 4,000 steps, about .* of one core  stacking\n");
            assertThat(planned.lines()).hasSize(1 + 4 * each);
        }
    }

    @Test
    void anExerciseOfOnesOwnIsAFile() throws IOException {
        Path own = folder.resolve("my-exercise.conf");
        Files.writeString(own, """
                include classpath("conf/course/base.conf")
                title = "Mine"
                base.network.layers = [${relu} { units = 12 }, ${out}]
                variants = [{ name = plain }, { name = wide, with.network.layers = [${relu} { units = 99 }, ${out}] }]
                """);
        List<Exercise> mine = Course.named(List.of("my-exercise"), own.toString());
        assertThat(mine).hasSize(1);
        CoursePlan plan = new CoursePlan(mine, List.of("lr=0.5"), null, null, 0, own.toString());
        assertThat(mine.get(0).trials(plan)).extracting(Trial::name).containsExactly("plain", "wide");
        assertThat(new CourseRun(plan, new Datasets(new Configuration()), null, null, "", "").dryRun())
                .startsWith("my-exercise: 2 trials, 2,000 steps, about ")
                .containsPattern("\n  1,000 steps, about .* of one core  plain\n");
        assertThatThrownBy(() -> Course.own(folder.resolve("none.conf").toString()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("none.conf: is no exercise: ");
    }
}
