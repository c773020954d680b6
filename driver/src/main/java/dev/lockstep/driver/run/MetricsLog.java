package dev.lockstep.driver.run;

import dev.lockstep.driver.checkpoint.WriteException;
import dev.lockstep.driver.evaluate.Scores;
import dev.lockstep.driver.evaluate.SplitName;
import dev.lockstep.worker.loop.StepReport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.Path;

/**
 * {@code metrics.jsonl}: a JSON object a line, one for each optimizer step and one for each evaluation. Lines reach the
 * disk at least every few seconds of training and at each {@link #flush}.
 */
public final class MetricsLog implements AutoCloseable {
    public static final String FILE = "metrics.jsonl";

    private static final long FLUSH_NANOS = 2_000_000_000L;

    private final Path file;
    private final OutputStream out;
    private long flushed = System.nanoTime();

    /**
     * Opens the log of a run.
     *
     * @param fromStep lines of steps after this many done are dropped: they will be run again
     */
    public MetricsLog(RunFolder folder, long fromStep) throws IOException {
        List<String> kept = new ArrayList<>();
        for (String line : lines(folder)) {
            if (parsed(folder, line).step() <= fromStep) {
                kept.add(line);
            }
        }
        folder.write(FILE, unfinished -> write(kept, unfinished));
        this.file = folder.path(FILE);
        this.out = appending(folder, kept);
    }

    /** Some file systems (object stores) cannot append: there the file is written whole when the log is closed. */
    private static OutputStream appending(RunFolder folder, List<String> kept) throws IOException {
        try {
            return folder.files().append(folder.path(FILE));
        } catch (UnsupportedOperationException e) {
            ByteArrayOutputStream whole = new ByteArrayOutputStream() {
                @Override
                public void close() throws IOException {
                    folder.write(FILE, this::writeTo);
                }
            };
            write(kept, whole);
            return whole;
        }
    }

    private static void write(List<String> lines, OutputStream out) throws IOException {
        for (String line : lines) {
            out.write(bytes(line));
        }
    }

    /**
     * The lines of a run's log; a last line that was cut short is left out.
     *
     * @throws DamagedFileException when another is not one of ours
     */
    public static List<MetricsLine> read(RunFolder folder) throws IOException {
        List<MetricsLine> lines = new ArrayList<>();
        for (String line : lines(folder)) {
            lines.add(parsed(folder, line));
        }
        return lines;
    }

    private static MetricsLine parsed(RunFolder folder, String line) throws DamagedFileException {
        return MetricsLine.of(StoredJson.of(folder.path(FILE).toString(), line));
    }

    private static List<String> lines(RunFolder folder) throws IOException {
        byte[] bytes = folder.read(FILE);
        if (bytes == null) {
            return List.of();
        }
        String text = new String(bytes, StandardCharsets.UTF_8);
        return Arrays.stream(text.substring(0, text.lastIndexOf('\n') + 1).split("\n"))
                .filter(line -> !line.isBlank())
                .toList();
    }

    /** A step is numbered by how many are done with it, from 1. */
    public void step(StepReport report) throws IOException {
        var metrics = report.metrics();
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put(MetricsLine.LOSS, metrics.loss());
        figures.putAll(metrics.figures());
        figures.put(MetricsLine.LEARNING_RATE, metrics.learningRate());
        figures.put(MetricsLine.EXAMPLES_PER_SECOND, metrics.id().examples() / report.seconds());
        figures.put(MetricsLine.EXCHANGE_FRACTION, report.exchangeSeconds() / report.seconds());
        figures.put(MetricsLine.GRADIENT_NORM, metrics.gradientNorm());
        Map<String, Double> layers = new LinkedHashMap<>();
        metrics.layerGradientNorms().forEach((layer, norm) -> layers.put(layer.toString(), norm));
        write(new MetricsLine(
                Instant.now().toString(),
                metrics.id().epoch(),
                metrics.id().step() + 1,
                MetricsLine.TRAIN,
                true,
                figures,
                layers));
    }

    /**
     * One look at a split. A look at the whole training set is told from a step's line, which is of its batch alone, by
     * its {@code learning_rate} of null.
     *
     * @param epoch epochs begun, from 0, of the step just done
     */
    public void evaluation(SplitName split, int epoch, long stepsDone, Scores scores) throws IOException {
        write(new MetricsLine(
                Instant.now().toString(),
                epoch,
                stepsDone,
                split.name().toLowerCase(Locale.ROOT),
                false,
                figures(scores),
                Map.of()));
    }

    /** The loss, and what is known of the rest. */
    private static Map<String, Double> figures(Scores scores) {
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put(MetricsLine.LOSS, scores.loss());
        scores.figures().forEach((name, value) -> {
            if (!value.isNaN() || name.equals(MetricsLine.ACCURACY)) {
                figures.put(name, value);
            }
        });
        return figures;
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

    private void write(MetricsLine line) throws IOException {
        try {
            out.write(bytes(line.json()));
        } catch (IOException | FSError e) {
            throw new WriteException(file, e);
        }
        if (System.nanoTime() - flushed > FLUSH_NANOS) {
            flush();
        }
    }

    private static byte[] bytes(String line) {
        return (line + "\n").getBytes(StandardCharsets.UTF_8);
    }
}
