package dev.lockstep.bench.net;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * What a run must give again, SHA-256 each.
 *
 * @param metrics of a line for each line of metrics.jsonl: its step, split, loss, accuracy, learning rate, gradient norm
 */
record Bits(String parameters, String optimizer, String metrics) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> FIELDS =
            List.of("step", "split", "loss", "accuracy", "learning_rate", "gradient_norm");

    /** Of a finished run's folder, or of one that diverged, as it must again: how far it came. */
    static Bits of(Path run) throws IOException {
        JsonNode record = JSON.readTree(Files.readAllBytes(run.resolve("run.json")));
        String metrics = metrics(run.resolve("metrics.jsonl"));
        return switch (record.path("status").asText()) {
            case "finished" ->
                new Bits(
                        record.path("parameters_sha256").asText(),
                        record.path("optimizer_sha256").asText(),
                        metrics);
            case "diverged" ->
                new Bits("diverged", "after " + record.path("steps").asLong() + " steps", metrics);
            default -> throw new IOException(run + " is " + record.path("status") + ": " + record.path("error"));
        };
    }

    private static String metrics(Path file) throws IOException {
        MessageDigest sha = sha256();
        for (String line : Files.readAllLines(file)) {
            JsonNode fields = JSON.readTree(line);
            StringBuilder text = new StringBuilder();
            FIELDS.forEach(field -> text.append(fields.path(field).asText("-")).append(' '));
            sha.update(text.append('\n').toString().getBytes(StandardCharsets.UTF_8));
        }
        return HexFormat.of().formatHex(sha.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
