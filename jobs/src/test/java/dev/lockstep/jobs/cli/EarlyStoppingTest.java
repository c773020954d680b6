package dev.lockstep.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lockstep.driver.state.TrainingState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that ends when it no longer improves, and whose learning rate falls on plateaus, on real local Spark. */
class EarlyStoppingTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LENGTH = 400;
    private static final int PATIENCE = 4;

    @TempDir
    private static Path folder;

    private static Path data;
    private static Path whole;
    private static Cli said;

    @BeforeAll
    static void trainInOneGo() throws IOException {
        data = TinyData.write(folder.resolve("data"));
        whole = folder.resolve("whole");
        said = train(whole, LENGTH);
    }

    private static Cli train(Path out, int steps, String... options) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("train", "--master", "local[2]", "--out", out.toString()));
        arguments.addAll(List.of(options));
        arguments.addAll(TinyData.network(data));
        arguments.addAll(List.of(
                "train.iterations=" + steps,
                "train.evaluate-every=5",
                "train.checkpoint-every=5",
                "train.exchange=local",
                "data.validation-fraction=0.2",
                "optimizer.learning-rate=0.05",
                "optimizer.schedule={type=plateau,metric=test-loss,patience=2,factor=0.5,min-delta=0.005}",
                "train.early-stopping={metric=validation-loss,patience=" + PATIENCE + ",min-delta=0.002}"));
        return Cli.run(arguments).expectDone();
    }

    private static JsonNode record(Path out) throws IOException {
        return JSON.readTree(out.resolve("run.json").toFile());
    }

    private static List<JsonNode> metrics(Path out, String split) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(out.resolve("metrics.jsonl"))) {
            JsonNode parsed = JSON.readTree(line);
            if (parsed.get("split").asText().equals(split)) {
                lines.add(parsed);
            }
        }
        return lines;
    }

    @Test
    void itEndsAfterItsPatienceAndKeepsTheBest() throws IOException {
        JsonNode record = record(whole);
        long end = record.get("steps").asLong();
        assertThat(record.get("status").asText()).isEqualTo("finished");
        assertThat(end).isLessThan(LENGTH);

        double best = Double.POSITIVE_INFINITY;
        long bestStep = 0;
        for (JsonNode line : metrics(whole, "validation")) {
            if (line.get("loss").asDouble() < best - 0.002) {
                best = line.get("loss").asDouble();
                bestStep = line.get("step").asLong();
            }
        }
        assertThat(end).isEqualTo(bestStep + 5 * PATIENCE);
        assertThat(said.out())
                .contains("stopped early at step " + end, "validation-loss has not improved in 4 evaluations")
                .contains("kept the parameters of step " + bestStep);

        Path last = whole.resolve("checkpoints/step-%08d".formatted(end));
        assertThat(record.get("parameters_sha256").asText())
                .isEqualTo(TrainingState.sha256(Files.readAllBytes(last.resolve("best_parameters.f32"))))
                .isNotEqualTo(TrainingState.sha256(Files.readAllBytes(last.resolve("parameters.f32"))));
        long kept = bestStep;
        assertThat(metrics(whole, "test").stream()
                        .filter(line -> line.get("step").asLong() == kept)
                        .map(line -> line.get("loss").asDouble()))
                .containsExactly(record.get("test_loss").asDouble());
    }

    @Test
    void theRateFallsAfterEachPlateau() throws IOException {
        List<JsonNode> tests = metrics(whole, "test");
        double best = Double.POSITIVE_INFINITY;
        int waited = 0;
        double rate = 0.05;
        for (JsonNode step : metrics(whole, "train")) {
            assertThat(step.get("learning_rate").asDouble()).isEqualTo(rate);
            long done = step.get("step").asLong();
            for (JsonNode test : tests) {
                if (test.get("step").asLong() == done) {
                    boolean better = test.get("loss").asDouble() < best - 0.005;
                    best = better ? test.get("loss").asDouble() : best;
                    waited = better ? 0 : waited + 1;
                    if (waited == 2) {
                        waited = 0;
                        rate /= 2;
                    }
                }
            }
        }
        assertThat(rate).isLessThan(0.05);
    }

    @Test
    void aRunThatWasInterruptedEndsWithTheSameBits() throws IOException {
        Path parts = folder.resolve("parts");
        long end = record(whole).get("steps").asLong();
        train(parts, (int) end - 12); // between two evaluations
        train(parts, (int) end - 3, "--resume");
        train(parts, LENGTH, "--resume");
        for (String key : List.of("parameters_sha256", "optimizer_sha256", "test_loss", "steps")) {
            assertThat(record(parts).get(key)).as(key).isEqualTo(record(whole).get(key));
        }
        train(parts, LENGTH, "--resume"); // it has ended, and stays so
        assertThat(record(parts).get("parameters_sha256"))
                .isEqualTo(record(whole).get("parameters_sha256"));
        assertThat(record(parts).get("steps").asLong()).isEqualTo(end);
    }
}
