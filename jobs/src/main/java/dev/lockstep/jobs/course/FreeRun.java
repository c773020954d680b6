package dev.lockstep.jobs.course;

import dev.lockstep.driver.report.Axis;
import dev.lockstep.driver.report.Html;
import dev.lockstep.driver.report.LineChart;
import dev.lockstep.driver.report.Numbers;
import dev.lockstep.driver.report.Series;
import dev.lockstep.driver.report.Series.Point;
import dev.lockstep.driver.report.Series.Style;
import dev.lockstep.driver.report.StepClock;
import dev.lockstep.driver.run.ModelFile;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.source.Dataset;
import dev.lockstep.worker.evaluate.StoredModel;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.step.Predictor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How a network that tells the next value of a series goes on by itself: it is given the first window, and then what it said.
 *
 * @param told one value behind the other
 * @param truth what they should be, as far as the data has it
 */
public record FreeRun(String variant, double[] told, double[] truth) {
    private static final int STEPS = 200;

    public FreeRun {
        variant = Stored.text(variant);
        Stored.check(
                told != null && truth != null && told.length > 0 && told.length == truth.length,
                "a free run has not as many values as it should be");
    }

    /** Of a finished trial on windows of a series, each of which begins one value behind the one before. */
    static FreeRun of(String variant, Dataset dataset, RunFolder trial) throws IOException {
        ExampleFormat format = dataset.format();
        int steps = (int) Math.min(STEPS, dataset.train().size());
        List<byte[]> windows = dataset.train().firstPacked(steps);
        float[] window = new float[format.steps(windows.get(0))];
        format.readFeatures(windows.get(0), window, 0);
        StoredModel model = ModelFile.read(trial).model();
        double[] told = Predictor.with(
                model.configurationJson(),
                format,
                model.parameters(),
                predictor -> goOn(predictor, format, window, steps));
        return new FreeRun(
                variant,
                told,
                windows.stream().mapToDouble(packed -> format.target(packed)[0]).toArray());
    }

    private static double[] goOn(Predictor predictor, ExampleFormat format, float[] window, int steps) {
        double[] told = new double[steps];
        for (int i = 0; i < steps; i++) {
            byte[] packed = format.pack(window, new float[1]);
            float next = predictor.predict(List.of(packed)).outputs()[0][0];
            told[i] = next;
            System.arraycopy(window, 1, window, 0, window.length - 1);
            window[window.length - 1] = next;
        }
        return told;
    }

    double rmse() {
        return Math.sqrt(IntStream.range(0, told.length)
                .mapToDouble(i -> (told[i] - truth[i]) * (told[i] - truth[i]))
                .average()
                .orElse(Double.NaN));
    }

    /** All variants' curves. */
    static Html section(List<FreeRun> runs) {
        Html html = new Html();
        html.open("section").element("h2", "By itself");
        html.element(
                "p",
                "From the first window on each network is given what it has said itself. Beside it the true series; RMSE is"
                        + " over all values.");
        html.open("div", "class", "charts");
        for (FreeRun run : runs) {
            List<Series> series = new ArrayList<>();
            series.add(new Series("true", 0, Style.LINE, points(run.truth()), StepClock.NONE));
            series.add(new Series("by itself", 1, Style.LINE, points(run.told()), StepClock.NONE));
            html.add(LineChart.of(
                            run.variant() + ": RMSE " + Numbers.figure(run.rmse()),
                            "values",
                            values -> Axis.linear("", values),
                            series)
                    .figure());
        }
        return html.close().close();
    }

    private static List<Point> points(double[] values) {
        return IntStream.range(0, values.length)
                .filter(i -> Double.isFinite(values[i]))
                .mapToObj(i -> new Point(i + 1, values[i]))
                .toList();
    }
}
