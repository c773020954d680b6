package dev.lockstep.jobs.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.driver.state.TrainingState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A run's folder, read from outside. */
record Run(Path folder) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * Everything that must be the same whenever configuration and data are, whatever happened to the run.
     *
     * @param metrics all of metrics.jsonl but the clock's
     * @param evaluation of the last evaluation: confusion matrix and sample answers
     */
    record Bits(
            String parametersSha256,
            String optimizerSha256,
            double testLoss,
            double testAccuracy,
            String modelSha256,
            List<JsonNode> metrics,
            JsonNode evaluation) {}

    /** run.json; a missing node when it is not there. */
    JsonNode record() {
        return json("run.json");
    }

    Bits bits() throws IOException {
        JsonNode record = record();
        return new Bits(
                record.path("parameters_sha256").asText(),
                record.path("optimizer_sha256").asText(),
                record.path("test_loss").asDouble(),
                record.path("test_accuracy").asDouble(),
                TrainingState.sha256(Files.readAllBytes(folder.resolve("model.zip"))),
                metrics(),
                json("evaluation.json"));
    }

    /** The lines of metrics.jsonl, without the fields that tell the time. */
    List<JsonNode> metrics() throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(folder.resolve("metrics.jsonl"))) {
            ObjectNode fields = (ObjectNode) JSON.readTree(line);
            lines.add(fields.without(List.of("time", "examples_per_second", "exchange_fraction")));
        }
        return lines;
    }

    /** The step of the newest checkpoint under its final name, or -1. */
    long newestCheckpoint() {
        return names("checkpoints").stream()
                .filter(name -> name.startsWith("step-"))
                .mapToLong(name -> Long.parseLong(name.substring("step-".length())))
                .max()
                .orElse(-1);
    }

    /** The names in the folder or in one of its folders; none when it is not there. */
    List<String> names(String inside) {
        try (Stream<Path> files = Files.list(folder.resolve(inside))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private JsonNode json(String file) {
        try {
            return JSON.readTree(Files.readAllBytes(folder.resolve(file)));
        } catch (NoSuchFileException e) {
            return JSON.missingNode();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
