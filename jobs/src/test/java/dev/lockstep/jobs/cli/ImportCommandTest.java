package dev.lockstep.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command; what is in the files is KerasModelTest's. */
class ImportCommandTest {
    private static final Path FILES = Path.of("../driver/src/test/resources/keras");

    @TempDir
    private Path folder;

    private static Cli imported(String file, Path to) {
        return Cli.run("import", "--keras", FILES.resolve(file).toString(), "--out", to.toString());
    }

    @Test
    void whatWasImportedIsTrainedOn() throws IOException {
        Path zip = folder.resolve("tiny.zip");
        Cli said = imported("tiny-keras-3.h5", zip).expectDone();
        assertThat(said.out()).startsWith("# 123 parameters of Keras 3.15.1, from ");
        Path conf = Files.writeString(folder.resolve("tiny.conf"), said.out());
        String data = TinyData.write(folder.resolve("data")).toString();
        List<String> settings = List.of("data.path=" + data, "train.batch-size=20", "train.iterations=1");
        JsonNode run = Cli.trained(
                folder,
                "same",
                List.of(
                        "data.path=" + data,
                        "train.batch-size=20",
                        "train.iterations=1",
                        "optimizer.learning-rate=1e-30"),
                "--master",
                "local[2]",
                "--conf",
                conf.toString());
        assertThat(run.path("start_parameters_sha256").asText())
                .isEqualTo(run.path("parameters_sha256").asText())
                .hasSize(64);
        JsonNode on = Cli.trained(folder, "on", settings, "--master", "local[1]", "--conf", conf.toString());
        assertThat(on.path("start_parameters_sha256")).isEqualTo(run.path("start_parameters_sha256"));
        assertThat(on.path("parameters_sha256")).isNotEqualTo(run.path("parameters_sha256"));
        assertThat(Cli.run("evaluate", "--master", "local[1]", "--model", zip.toString(), "--data", data)
                        .expectDone()
                        .out())
                .contains("accuracy");
    }

    @Test
    void whatCannotBeImportedLeavesNothingBehind() throws IOException {
        Path zip = folder.resolve("never/model.zip");
        imported("uneven-keras-3.keras", zip)
                .expectError(
                        5, "uneven-keras-3.keras: layer 'uneven' (Conv2D): kernel_size = [3,2] has no counterpart");
        imported("nowhere.h5", zip).expectError(5, "nowhere.h5: there is no such file");
        assertThat(zip.getParent()).doesNotExist();
        Path there = Files.writeString(folder.resolve("there.zip"), "mine");
        imported("tiny-keras-3.h5", there).expectError(2, "exists already; choose another name");
        assertThat(there).hasContent("mine");
    }
}
