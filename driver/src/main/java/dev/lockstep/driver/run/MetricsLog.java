package dev.lockstep.driver.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.driver.checkpoint.WriteException;
import dev.lockstep.driver.evaluate.Scores;
import dev.lockstep.driver.train.TrainingMonitor.SplitName;
import dev.lockstep.worker.loop.StepReport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.Path;

/**
 * {@code metrics.jsonl}: a JSON object a line, one for each optimizer step and one for each evaluation. Lines reach the
 * disk at least every few seconds of training and at each {@link #flush}.
 */
public final class MetricsLog implements AutoCloseable {
    public static final String FILE = "metrics.jsonl";

    private static final int SCHEMA = 1;
    private static final long FLUSH_NANOS = 2_000_000_000L;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private final OutputStream out;
    private long flushed = System.nanoTime();

    /**
     * Opens the log of a run.
     *
     * @param fromStep lines of steps after this many done are dropped: they will be run again
     */
    public MetricsLog(RunFolder folder, long fromStep) throws IOException {
        List<JsonNode> kept = read(folder).stream()
                .filter(line -> line.path("step").asLong() <= fromStep)
                .toList();
        folder.write(FILE, unfinished -> {
            for (JsonNode line : kept) {
                unfinished.write(bytes(line));
            }
        });
        this.file = folder.path(FILE);
        this.out = appending(folder, kept);
    }

    /** Some file systems (object stores) cannot append: there the file is written whole when the log is closed. */
    private static OutputStream appending(RunFolder folder, List<JsonNode> kept) throws IOException {
        try {
            return folder.files().append(folder.path(FILE));
        } catch (UnsupportedOperationException e) {
            ByteArrayOutputStream whole = new ByteArrayOutputStream() {
                @Override
                public void close() throws IOException {
                    folder.write(FILE, this::writeTo);
                }
            };
            for (JsonNode line : kept) {
                whole.write(bytes(line));
            }
            return whole;
        }
    }

    /** The lines of a run's log; a last line that was cut short is left out. */
    public static List<JsonNode> read(RunFolder folder) throws IOException {
        byte[] bytes = folder.read(FILE);
        List<JsonNode> lines = new ArrayList<>();
        if (bytes != null) {
            String text = new String(bytes, StandardCharsets.UTF_8);
            for (String line : text.substring(0, text.lastIndexOf('\n') + 1).split("\n")) {
                if (!line.isBlank()) {
                    lines.add(StoredJson.object(line));
                }
            }
        }
        return lines;
    }

    /** A step is numbered by how many are done with it, from 1. */
    public void step(StepReport report) throws IOException {
        var metrics = report.metrics();
        ObjectNode line = line(metrics.id().epoch(), metrics.id().step() + 1, SplitName.TRAIN);
        line.put("loss", metrics.loss());
        line.put("accuracy", metrics.accuracy());
        line.put("learning_rate", metrics.learningRate());
        line.put("examples_per_second", metrics.id().examples() / report.seconds());
        line.put("exchange_fraction", report.exchangeSeconds() / report.seconds());
        line.put("gradient_norm", metrics.gradientNorm());
        ObjectNode layers = line.putObject("layer_gradient_norms");
        metrics.layerGradientNorms().forEach((layer, norm) -> layers.put(layer.toString(), norm));
        write(line);
    }

    /**
     * One look at a split. A look at the whole training set is told from a step's line, which is of its batch alone, by
     * its {@code learning_rate} of null.
     *
     * @param epoch epochs begun, from 0, of the step just done
     */
    public void evaluation(SplitName split, int epoch, long stepsDone, Scores scores) throws IOException {
        ObjectNode line = line(epoch, stepsDone, split);
        line.put("loss", scores.loss());
        line.put("accuracy", scores.accuracy());
        for (String ofSteps : List.of("learning_rate", "examples_per_second", "exchange_fraction", "gradient_norm")) {
            line.putNull(ofSteps); // every line has every key of CONTRACT
        }
        write(line);
    }

    public void flush() throws IOException {
        try {
            if (out instanceof FSDataOutputStream stream) {
                stream.hflush();
            }
            out.flush();
        } catch (IOException | FSError e) { // Hadoop says with an error that a disk is full
            throw new WriteException(file, e);
        }
        flushed = System.nanoTime();
    }

    @Override
    public void close() throws IOException {
        try {
            out.close();
        } catch (IOException | FSError e) {
            throw new WriteException(file, e);
        }
    }

    private static ObjectNode line(int epoch, long step, SplitName split) {
        ObjectNode line = JSON.createObjectNode();
        line.put("schema", SCHEMA);
        line.put("time", Instant.now().toString());
        line.put("epoch", epoch);
        line.put("step", step);
        line.put("split", split.name().toLowerCase(Locale.ROOT));
        return line;
    }

    private void write(JsonNode line) throws IOException {
        try {
            out.write(bytes(line));
        } catch (IOException | FSError e) {
            throw new WriteException(file, e);
        }
        if (System.nanoTime() - flushed > FLUSH_NANOS) {
            flush();
        }
    }

    private static byte[] bytes(JsonNode line) throws IOException {
        return (JSON.writeValueAsString(line) + "\n").getBytes(StandardCharsets.UTF_8);
    }
}
