package dev.lockstep.driver.run;

import dev.lockstep.driver.evaluate.Scores;
import dev.lockstep.driver.evaluate.SplitName;
import dev.lockstep.worker.loop.StepReport;
import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * {@code metrics.jsonl}: a JSON object a line, one for each optimizer step and one for each evaluation. Lines reach the
 * disk at least every few seconds of training and at each {@link #flush}.
 */
public final class MetricsLog implements AutoCloseable {
    public static final String FILE = "metrics.jsonl";

    private final LineFile file;

    /**
     * Opens the log of a run.
     *
     * @param fromStep lines of steps after this many done are dropped: they will be run again
     */
    public MetricsLog(RunFolder folder, long fromStep) throws IOException {
        this.file = new LineFile(folder, FILE, json -> MetricsLine.of(json).step() <= fromStep);
    }

    /**
     * Reads the lines of a run's log, one after the other; a last line that was cut short is left out.
     *
     * @throws DamagedFileException when another is not one of ours
     */
    public static void read(RunFolder folder, Consumer<MetricsLine> reader) throws IOException {
        LineFile.read(folder, FILE, json -> reader.accept(MetricsLine.of(json)));
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
        file.write(new MetricsLine(
                        Instant.now().toString(),
                        metrics.id().epoch(),
                        metrics.id().step() + 1,
                        MetricsLine.TRAIN,
                        true,
                        figures,
                        layers)
                .json());
    }

    /**
     * One look at a split. A look at the whole training set is told from a step's line, which is of its batch alone, by
     * its {@code learning_rate} of null.
     *
     * @param epoch epochs begun, from 0, of the step just done
     */
    public void evaluation(SplitName split, int epoch, long stepsDone, Scores scores) throws IOException {
        file.write(new MetricsLine(
                        Instant.now().toString(),
                        epoch,
                        stepsDone,
                        split.name().toLowerCase(Locale.ROOT),
                        false,
                        figures(scores),
                        Map.of())
                .json());
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
        file.flush();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
