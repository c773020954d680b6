package dev.lockstep.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lockstep.jobs.course.Course;
import dev.lockstep.jobs.course.Exercise;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code course}, on data and networks that train in no time. */
class CourseCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private static Path folder;

    private static Path data;

    @BeforeAll
    static void write() throws IOException {
        data = TinyData.write(folder.resolve("data"));
    }

    private static Cli course(Path out, String... more) {
        return Cli.run(
                List.of(
                        "course",
                        "--master",
                        "local[2]",
                        "--out",
                        out.toString(),
                        "--data",
                        data.toString(),
                        "network.input=[16]",
                        "network.classes=3",
                        "network.layers=[{type=dense,units=6,activation=relu},{type=output}]",
                        "train.batch-size=20",
                        "train.iterations=30"),
                more);
    }

    private static JsonNode result(Path exercise) throws IOException {
        return JSON.readTree(exercise.resolve("course.json").toFile());
    }

    @Test
    void theListShowsEveryRowWithWhatTheCourseSaw() {
        String list = Cli.run("course", "list").expectDone().out();
        for (Exercise exercise : Course.exercises()) {
            assertThat(list).contains(exercise.name(), exercise.row(), exercise.about());
        }
        assertThat(list)
                .contains("1_2 back_propagation", "2_6 im2col / col2im", "framework: regularisation")
                .contains("rmsprop                    test .917–.949");
        assertThat(Cli.run("course").expectDone().out()).isEqualTo(list);
    }

    @Test
    void aWorkedExamplePrintsItsValuesAndNeedsNoSpark() throws IOException {
        Path out = folder.resolve("worked");
        String printed = course(out, "1_2", "2_6_im2col").expectDone().out();
        assertThat(printed).contains("0.08706577", "0.60130599", "8x9");
        assertThat(out.resolve("1_2_back_propagation/report.html")).content().contains("0.08706577");
        assertThat(out.resolve("report.html")).content().contains("1_2_back_propagation/report.html");
    }

    @Test
    void anExerciseLeavesItsTrialsAndOneReport() throws IOException {
        Path out = folder.resolve("trained");
        String printed = course(out, "2_2_1", "1_4", "regularization", "--seeds", "2")
                .expectDone()
                .out();
        assertThat(printed).contains("needs CIFAR-10's binary files");
        Path exercise = out.resolve("2_2_1_vanishing_gradient");
        assertThat(exercise.resolve("trials").toFile().list()).hasSize(8).contains("relu-he", "relu-he-seed2");
        assertThat(Files.readAllLines(exercise.resolve("summary.csv"))).hasSize(9);
        assertThat(Files.readAllLines(exercise.resolve("trials.jsonl"))).hasSize(8);
        JsonNode trial =
                JSON.readTree(exercise.resolve("trials/relu-he/run.json").toFile());
        assertThat(trial.path("status").asText()).isEqualTo("finished");
        assertThat(trial.path("shards").asInt()).isEqualTo(1);
        // Two layers, activations and gradients, of four variants.
        assertThat(result(exercise).path("histograms")).hasSize(16);
        assertThat(exercise.resolve("report.html"))
                .content()
                .contains(
                        "What the course saw",
                        "test .951–.959",
                        "Test accuracy",
                        "Training loss",
                        "Gradients of the weights",
                        "Layer 2: σ ")
                .contains(" ± ");
        assertThat(out.resolve("1_4_mnist/report.html")).content().doesNotContain("Layer by layer");
        assertThat(out.resolve("regularization/report.html")).content().contains("--cifar10 DIR");

        String before = Files.readString(exercise.resolve("report.html"));
        Files.delete(exercise.resolve("report.html"));
        Files.delete(out.resolve("report.html"));
        Cli.run("report", exercise.toString()).expectDone();
        Cli.run("report", out.toString()).expectDone();
        assertThat(exercise.resolve("report.html")).hasContent(before);
        assertThat(out.resolve("report.html")).content().contains("1_4_mnist/report.html");
    }

    /** What the exercise measured is what the folder gives, for every kind of ensemble. */
    @Test
    void anEnsembleIsAModelLikeAnyOther() throws IOException {
        Path out = folder.resolve("ensembles");
        course(out, "ensembles", "optimizer.learning-rate=0.01").expectDone();
        Path exercise = out.resolve("ensembles");
        JsonNode ensembles = result(exercise).path("ensembles");
        assertThat(ensembles).hasSize(4);
        for (JsonNode ensemble : ensembles) {
            String method = ensemble.path("method").asText();
            assertThat(ensemble.path("accuracy")).hasSize(3);
            String evaluated = Cli.run(
                            "evaluate",
                            "--master",
                            "local[2]",
                            "--model",
                            exercise.resolve(method).toString())
                    .expectDone()
                    .out();
            assertThat(evaluated)
                    .as(method)
                    .contains("examples 60")
                    .contains(String.format(
                            "accuracy %.6f", ensemble.path("accuracy").get(0).asDouble()));
        }
        Path csv = folder.resolve("answers.csv");
        Cli.run("predict", "--master", "local[2]", "--model", exercise + "/stacking", "--out", csv.toString())
                .expectDone();
        assertThat(Files.readAllLines(csv)).hasSize(61);
        // The first member of boosting sees all examples alike, the second more of what the first got wrong.
        assertThat(weights(exercise, "boosting-samme-1").distinct()).hasSize(1);
        assertThat(weights(exercise, "boosting-samme-2").distinct()).hasSize(2);
        assertThat(weights(exercise, "boosting-samme-2").sum()).isBetween(1 - 1e-9, 1 + 1e-9);

        Files.writeString(exercise.resolve("bagging/ensemble.json"), "{\"combination\":\"vote\",\"members\":[\"x\"]}");
        Cli.run("evaluate", "--model", exercise + "/bagging")
                .expectError(5, "ensemble.json: expected a combination of average, vote (with a weight");
        Files.writeString(
                exercise.resolve("bagging/ensemble.json"),
                "{\"combination\":\"average\",\"members\":[\"../trials/x\"]}");
        Cli.run("evaluate", "--model", exercise + "/bagging").expectError(5, "names the run ../trials/x", "model.zip");
    }

    private static DoubleStream weights(Path exercise, String trial) throws IOException {
        return Files.readAllLines(exercise.resolve("weights/" + trial + ".txt")).stream()
                .mapToDouble(Double::parseDouble);
    }

    @Test
    void whatIsWrongIsToldBeforeAnythingRuns() {
        Path out = folder.resolve("wrong");
        course(out, "2_9_unknown").expectError(2, "there is no exercise '2_9_unknown'; the nearest is", "course list");
        course(out, "2_4", "train.iteration=3").expectError(2, "train.iteration: unknown key", "train.iterations");
        course(out, "2_4", "--seeds", "0").expectError(2, "--seeds: expected a whole number from 1, found 0");
        Cli.run("course", "1_4", "--out", out.toString(), "--data", folder + "/none")
                .expectError(
                        3,
                        folder + "/none",
                        "no such directory",
                        "train-images-idx3-ubyte",
                        "Debian's package dataset-fashion-mnist");
        assertThat(out).doesNotExist();
        course(data, "1_1").expectError(2, "--out " + data + ": is not empty");
    }
}
