package dev.lockstep.bench.mode;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lockstep.worker.failure.ConfigurationException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Another trainer, run as a program of its own once a window, in turn with the other modes. Its last line of output must
 * be a JSON object with {@code examples_per_second}; {@code peer} and {@code exchange} in it name the result.
 */
public final class PeerMode implements Mode {
    private static final long DEADLINE_MINUTES = 10;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Workload workload;
    private final List<String> command;
    private JsonNode last;

    /**
     * @param command its words parted by blanks; {@code {network}}, {@code {tasks}} and {@code {batch}} (examples a task)
     *     stand for the workload's
     * @throws ConfigurationException when its tasks would not have as many examples each
     */
    public PeerMode(Workload workload, String command) {
        if (workload.batchSize() % workload.tasks() != 0) {
            throw new ConfigurationException("--peer: " + workload.batchSize() + " examples a step are not as many for"
                    + " each of " + workload.tasks() + " tasks; give --shards a multiple of them");
        }
        this.workload = workload;
        this.command = Arrays.stream(command.trim().split("\\s+"))
                .map(word -> word.replace("{network}", workload.network())
                        .replace("{tasks}", Integer.toString(workload.tasks()))
                        .replace("{batch}", Integer.toString(workload.batchSize() / workload.tasks())))
                .toList();
    }

    @Override
    public String name() {
        return last == null ? "peer" : last.path("peer").asText("peer");
    }

    @Override
    public String exchange() {
        return last == null ? "" : last.path("exchange").asText("");
    }

    @Override
    public int tasks() {
        return workload.tasks();
    }

    @Override
    public boolean startsAnew() {
        return true;
    }

    /** The program warms itself up, and decides over how many steps it measures. */
    @Override
    public TimedSteps run(int steps) {
        last = measure();
        double perSecond = last.path("examples_per_second").asDouble();
        return new TimedSteps(steps, steps * workload.batchSize() / perSecond, Double.NaN);
    }

    private JsonNode measure() {
        Path output = null;
        try {
            output = Files.createTempFile("lockstep-peer", ".out");
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.environment().keySet().removeIf(name -> name.startsWith("OPENBLAS_")); // it chooses for itself
            Process process = builder.redirectOutput(output.toFile())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            if (!process.waitFor(DEADLINE_MINUTES, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new ConfigurationException("--peer: " + String.join(" ", command) + " did not end within "
                        + DEADLINE_MINUTES + " minutes");
            }
            List<String> lines = Files.readAllLines(output, StandardCharsets.UTF_8);
            return figures(process.exitValue(), lines);
        } catch (IOException e) {
            throw new UncheckedIOException("--peer: " + String.join(" ", command), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a peer was measured", e);
        } finally {
            delete(output);
        }
    }

    private JsonNode figures(int exitCode, List<String> lines) {
        try {
            JsonNode found = lines.isEmpty() ? null : JSON.readTree(lines.get(lines.size() - 1));
            if (exitCode == 0
                    && found != null
                    && found.path("examples_per_second").asDouble() > 0) {
                return found;
            }
        } catch (JsonProcessingException e) {
            // told below, as any other answer that is none
        }
        throw new ConfigurationException("--peer: " + String.join(" ", command) + " ended with " + exitCode
                + "; expected 0 and a last line of JSON with examples_per_second, found "
                + (lines.isEmpty() ? "no output" : lines.get(lines.size() - 1)));
    }

    private static void delete(Path output) {
        try {
            if (output != null) {
                Files.delete(output);
            }
        } catch (IOException e) {
            // a temporary file of a few bytes
        }
    }

    @Override
    public void close() {
        last = null;
    }
}
