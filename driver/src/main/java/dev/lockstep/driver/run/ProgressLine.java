package dev.lockstep.driver.run;

import dev.lockstep.driver.evaluate.Scores;
import dev.lockstep.driver.evaluate.SplitName;
import dev.lockstep.driver.loop.LoopListener;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.loop.StepReport;
import dev.lockstep.worker.model.objective.Objective;
import java.io.PrintStream;
import java.util.Locale;

/** Shows how training goes: a bar and a line that are redrawn on a terminal, a line every few seconds elsewhere. */
public final class ProgressLine implements LoopListener {
    private static final double TERMINAL_SECONDS = 0.2;
    private static final double PLAIN_SECONDS = 5;
    /** The figures shown are averages that forget; this is the weight of what was before. */
    private static final double SMOOTHING = 0.95;

    private static final int BAR = 20;

    private final PrintStream out;
    private final boolean terminal;
    /** What is shown beside the loss. */
    private final String figure;

    private long totalSteps;
    private long stepsPerEpoch;
    private double loss = Double.NaN;
    private double shown = Double.NaN;
    private double secondsAStep = Double.NaN;
    private double examplesPerSecond = Double.NaN;
    private double exchangeShare = Double.NaN;
    private long drawn = Long.MIN_VALUE / 2;
    private boolean lineOpen;

    /**
     * @param terminal whether a line may be redrawn
     * @param objective whose figure is shown
     */
    public ProgressLine(PrintStream out, boolean terminal, Objective objective) {
        this.out = out;
        this.terminal = terminal;
        this.figure = objective.figure();
    }

    @Override
    public void begins(long steps, long ofAnEpoch) {
        totalSteps = steps;
        stepsPerEpoch = ofAnEpoch;
    }

    @Override
    public void stepDone(StepReport report) {
        var metrics = report.metrics();
        loss = smooth(loss, metrics.loss());
        shown = smooth(shown, metrics.figures().getOrDefault(figure, Double.NaN));
        secondsAStep = smooth(secondsAStep, report.seconds());
        examplesPerSecond = smooth(examplesPerSecond, metrics.id().examples() / report.seconds());
        exchangeShare = smooth(exchangeShare, report.exchangeSeconds() / report.seconds());
        long now = System.nanoTime();
        long done = metrics.id().step() + 1;
        if ((now - drawn) / 1e9 >= (terminal ? TERMINAL_SECONDS : PLAIN_SECONDS) || done == totalSteps) {
            drawn = now;
            draw(done);
        }
    }

    @Override
    public void evaluated(SplitName split, TrainingState state, Scores scores) {
        message(String.format(
                Locale.ROOT,
                "epoch %s  %s loss %.4f  %s %.4f",
                epoch(state.step()),
                split.name().toLowerCase(Locale.ROOT),
                scores.loss(),
                figure.replace('_', ' '),
                scores.figure(figure)));
    }

    /** Prints a line of its own. */
    @Override
    public void message(String text) {
        if (lineOpen) {
            out.print("\r\033[K");
            lineOpen = false;
        }
        out.println(text);
        out.flush();
    }

    private void draw(long done) {
        String line = String.format(
                Locale.ROOT,
                "step %d/%d  epoch %s  loss %.4f  %s %.3f  %.0f examples/s  exchange %.0f %%  %s left",
                done,
                totalSteps,
                epoch(done),
                loss,
                figure.replace('_', ' '),
                shown,
                examplesPerSecond,
                100 * exchangeShare,
                duration((totalSteps - done) * secondsAStep));
        if (terminal) {
            out.print("\r\033[K\033[?7l" + bar(done) + line
                    + "\033[?7h"); // cut at the edge: what wraps cannot be redrawn
            out.flush();
            lineOpen = true;
        } else {
            message(line);
        }
    }

    private String bar(long done) {
        int filled = (int) (BAR * done / Math.max(1, totalSteps));
        return "[" + "#".repeat(filled) + ".".repeat(BAR - filled) + "] ";
    }

    private String epoch(long stepsDone) {
        return String.format(Locale.ROOT, "%.2f", (double) stepsDone / stepsPerEpoch);
    }

    private static double smooth(double average, double value) {
        return Double.isNaN(average) ? value : SMOOTHING * average + (1 - SMOOTHING) * value;
    }

    /** As {@code m:ss} or {@code h:mm:ss}. */
    public static String duration(double seconds) {
        long whole = Math.round(seconds);
        return whole < 3600
                ? String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60)
                : String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
    }
}
