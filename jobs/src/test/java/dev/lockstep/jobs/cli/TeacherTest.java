package dev.lockstep.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lockstep.driver.run.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that learns from another run's model. */
class TeacherTest {
    private static final String STUDENT = "network.layers=[{type=dense,units=2,activation=tanh},{type=output}]";

    @TempDir
    private Path folder;

    private static String hash(JsonNode run) {
        return run.path("parameters_sha256").asText();
    }

    private String configuration(String run) throws IOException {
        Path zip = folder.resolve(run).resolve("model.zip");
        return ModelFile.read(run, () -> Files.newInputStream(zip)).model().configurationJson();
    }

    @Test
    void itLearnsFromTheSameModelAlone() throws IOException {
        List<String> network = TinyData.network(TinyData.write(folder.resolve("data")));
        JsonNode teacher = Cli.trained(folder, "teacher", network, "--master", "local[2]");
        List<String> settings = new ArrayList<>(network);
        settings.addAll(List.of(STUDENT, "train.epochs=4"));
        JsonNode untaught = Cli.trained(folder, "untaught", settings, "--master", "local[2]");
        assertThat(untaught.has("teacher_parameters_sha256")).isFalse();
        settings.addAll(List.of("train.temperature=2", "train.histograms=1 epoch"));
        List<String> taught = with(settings, "train.teacher=" + folder.resolve("teacher"));
        JsonNode whole = Cli.trained(folder, "whole", taught, "--master", "local[2]");
        assertThat(whole.path("teacher_parameters_sha256").asText())
                .isEqualTo(hash(teacher))
                .hasSize(64);
        assertThat(hash(whole)).isNotEqualTo(hash(untaught));
        assertThat(configuration("whole")).as("no trace of the teacher").isEqualTo(configuration("untaught"));

        // The same in two parts, from a file, on one thread.
        Path file = Files.copy(folder.resolve("teacher/model.zip"), folder.resolve("copy.zip"));
        String out = folder.resolve("parted").toString();
        List<String> first = new ArrayList<>(List.of("train", "--quiet", "--master", "local[1]", "--out", out));
        first.addAll(with(settings, "train.teacher=" + file, "train.exchange=job", "train.epochs=2"));
        Cli.run(first).expectDone();
        List<String> resume = List.of("train", "--quiet", "--resume", "--master", "local[1]", "--out", out);
        Cli.run(resume, "train.teacher=" + folder.resolve("whole"), "train.epochs=4")
                .expectError(5, "train.teacher (SHA-256) is " + hash(teacher), " there and " + hash(whole) + " here");
        Cli.run(resume, "train.temperature=3", "train.epochs=4")
                .expectError(5, "train.temperature is 2", " there and 3");
        Cli.run(resume, "train.teacher=" + folder.resolve("teacher"), "train.epochs=4")
                .expectDone();
        assertThat(hash(new ObjectMapper()
                        .readTree(folder.resolve("parted/run.json").toFile())))
                .isEqualTo(hash(whole));

        Cli.refused(folder, 5, with(settings, "train.teacher=" + folder.resolve("nowhere")), "there is no ", "nowhere");
        Cli.refused(folder, 2, settings, "train.temperature: is known with train.teacher only");
        Cli.refused(
                folder,
                5,
                with(settings, "train.teacher=" + file, "network.input=[16]"),
                "reads examples of 1x4x4, the network those of 16; expected the same");
    }

    private static List<String> with(List<String> settings, String... more) {
        List<String> all = new ArrayList<>(settings);
        all.addAll(List.of(more));
        return all;
    }
}
