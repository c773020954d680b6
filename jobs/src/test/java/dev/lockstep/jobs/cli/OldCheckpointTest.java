package dev.lockstep.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run of 12 steps whose first 6 were trained by commit 3dbdcdf, whose checkpoints are of format 1. */
class OldCheckpointTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path FIXTURE = Path.of("src/test/resources/old-runs/3dbdcdf");
    private static final String AT_6 = "checkpoints/step-00000006/";
    private static final List<String> SETTINGS = List.of(
            "network.layers=[{type=dense,units=6,activation=relu},{type=batch-norm},{type=output}]",
            "data.validation-fraction=0.2",
            "train.early-stopping.patience=50",
            "train.evaluate-every=2 steps",
            "optimizer.schedule.type=plateau",
            "optimizer.schedule.patience=2");

    @TempDir
    private static Path folder;

    private static Path data;

    @BeforeAll
    static void writeData() throws IOException {
        data = TinyData.write(folder.resolve("data"));
    }

    private static Path copy(String name) throws IOException {
        Path copy = folder.resolve(name);
        FileUtils.copyDirectory(FIXTURE.toFile(), copy.toFile());
        return copy;
    }

    private static Cli resume(Path run, String... more) {
        return Cli.run(
                List.of("train", "--master", "local[1]", "--resume", "--out", run.toString(), "data.path=" + data),
                more);
    }

    private static JsonNode record(Path run) throws IOException {
        return JSON.readTree(run.resolve("run.json").toFile());
    }

    @Test
    void isResumed() throws IOException {
        Path old = copy("old");
        assertThat(resume(old, "train.iterations=12", "train.exchange=local")
                        .expectDone()
                        .out())
                .contains("resuming after step 6");
        assertThat(record(old).path("steps").asInt()).isEqualTo(12);
        assertThat(record(old).path("run_id")).isEqualTo(record(FIXTURE).path("run_id"));
        assertThat(Files.readAllLines(old.resolve("metrics.jsonl")))
                .startsWith(Files.readAllLines(FIXTURE.resolve("metrics.jsonl")).toArray(String[]::new))
                .filteredOn(line -> line.contains("\"exchange_fraction\":0."))
                .hasSize(12);

        Path whole = folder.resolve("whole");
        List<String> words = new ArrayList<>(List.of("train", "--quiet", "--master", "local[1]", "--out"));
        words.add(whole.toString());
        words.addAll(TinyData.network(data));
        words.addAll(SETTINGS);
        Cli.run(words, "train.iterations=12", "train.checkpoint-every=6", "train.exchange=local")
                .expectDone();
        boolean sameProcessor = true; // small parameters may agree by chance
        for (String file : List.of("parameters.f32", "optimizer.f32")) {
            sameProcessor &= Arrays.equals(
                    Files.readAllBytes(FIXTURE.resolve(AT_6 + file)), Files.readAllBytes(whole.resolve(AT_6 + file)));
        }
        if (sameProcessor) { // another kind makes other bits, from the first step on
            for (String key : List.of("parameters_sha256", "optimizer_sha256", "test_loss", "model_step")) {
                assertThat(record(old).get(key)).as(key).isEqualTo(record(whole).get(key));
            }
        }
    }

    @Test
    void isRefusedInOneLineWhenItIsOfAnotherRun() throws IOException {
        Path old = copy("other");
        resume(old, "optimizer.beta1=0.8")
                .expectError(5, "step-00000006 is of another run: optimizer.beta1 is 0.9 there and 0.8 here");
        assertThat(old.resolve("run.json")).hasSameTextualContentAs(FIXTURE.resolve("run.json"));
    }

    /** As if it had been written before there was such a key. */
    @Test
    void mayLackKeysOfToday() throws IOException {
        Path old = copy("lacking");
        Path state = old.resolve(AT_6 + "state.json");
        Files.writeString(
                state,
                Files.readString(state)
                        .replaceFirst("\"data.sampling\" : \"epoch\",\\s*", "")
                        .replaceFirst("\"train.sync-every\" : \"1\"", "\"train.tasks\" : \"7\""));
        resume(old, "data.sampling=with-replacement")
                .expectError(5, "data.sampling is (absent) there and with-replacement here");
        resume(old).expectDone();
    }

    /** That early stopping is on is no default, though all of its keys have theirs. */
    @Test
    void wasTrainedWithoutWhatNoWordIsOf() throws IOException {
        Path old = copy("unstopped");
        Path state = old.resolve(AT_6 + "state.json");
        Files.writeString(state, Files.readString(state).replaceAll("\"train.early-stopping[^,]*,\\s*", ""));
        resume(old, "train.early-stopping.patience=3")
                .expectError(5, "train.early-stopping.metric is (absent) there and validation-loss here");
    }
}
