package dev.lockstep.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lockstep.driver.run.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that begins with another run's model, a layer of it frozen, the other pruned. */
class StartFromTest {
    private static final int FIRST = 16 * 6 + 6;
    private static final int WEIGHTS = 6 * 3;
    private static final String LAYERS =
            "network.layers=[{type=dense,units=6,activation=relu,frozen=true},{type=output}]";

    @TempDir
    private Path folder;

    private static float[] parameters(Path run) throws IOException {
        return ModelFile.read("model", () -> Files.newInputStream(run.resolve("model.zip")))
                .model()
                .parameters();
    }

    private static String hash(JsonNode run) {
        return run.path("parameters_sha256").asText();
    }

    @Test
    void itGoesOnFromTheSameModelAlone() throws IOException {
        List<String> network = TinyData.network(TinyData.write(folder.resolve("data")));
        JsonNode first = Cli.trained(folder, "first", network, "--master", "local[2]");
        assertThat(first.has("start_parameters_sha256")).isFalse();
        Path model = folder.resolve("first");
        List<String> settings = new ArrayList<>(network);
        settings.addAll(List.of(LAYERS, "train.prune=0.5", "train.epochs=5", "train.start-from=" + model));
        JsonNode whole = Cli.trained(folder, "whole", settings, "--master", "local[2]");
        assertThat(whole.path("start_parameters_sha256").asText())
                .isEqualTo(hash(first))
                .hasSize(64);
        float[] before = parameters(model);
        float[] after = parameters(folder.resolve("whole"));
        assertThat(Arrays.copyOf(after, FIRST)).isEqualTo(Arrays.copyOf(before, FIRST));
        int zeros = 0;
        int tuned = 0; // but for those of units that are never awake
        for (int i = FIRST; i < FIRST + WEIGHTS; i++) {
            zeros += after[i] == 0 ? 1 : 0;
            tuned += after[i] != 0 && after[i] != before[i] ? 1 : 0;
        }
        assertThat(zeros).isEqualTo(WEIGHTS / 2);
        assertThat(tuned).isPositive();

        // The same in two parts, from a file, on one thread.
        Path file = Files.copy(model.resolve("model.zip"), folder.resolve("copy.zip"));
        String out = folder.resolve("parted").toString();
        List<String> train = List.of(
                "train", "--master", "local[1]", "--out", out, "train.exchange=job", "train.start-from=" + file);
        settings.remove("train.start-from=" + model);
        String said =
                Cli.run(train, with(settings, "train.epochs=2")).expectDone().out();
        assertThat(said).contains("train.prune: 9 of 18 weights are 0 and stay so");
        List<String> resume = List.of("train", "--resume", "--master", "local[1]", "--out", out);
        Cli.run(resume, "train.start-from=" + folder.resolve("whole"), "train.epochs=5")
                .expectError(5, "train.start-from (SHA-256) is " + hash(first), " there and " + hash(whole) + " here");
        Cli.run(resume, "train.start-from=" + model, "train.epochs=5").expectDone();
        assertThat(hash(new ObjectMapper()
                        .readTree(folder.resolve("parted/run.json").toFile())))
                .isEqualTo(hash(whole));
        settings.add("train.start-from=" + folder.resolve("nowhere"));
        Cli.refused(folder, 5, settings, "there is no ", "nowhere; expected a run's folder with a finished model");
    }

    private static String[] with(List<String> settings, String more) {
        List<String> all = new ArrayList<>(settings);
        all.add(more);
        return all.toArray(String[]::new);
    }
}
