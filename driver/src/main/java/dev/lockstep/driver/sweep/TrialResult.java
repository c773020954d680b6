package dev.lockstep.driver.sweep;

import dev.lockstep.driver.evaluate.SplitName;
import dev.lockstep.driver.run.MetricsLine;
import dev.lockstep.driver.run.MetricsLog;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.run.RunRecord;
import dev.lockstep.worker.model.objective.Objective;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * How a trial stands, as its folder tells.
 *
 * @param exitCode as {@code train} would end
 * @param error what went wrong, or null
 * @param steps done
 * @param modelStep how many steps made the model of a finished trial, less than {@code steps} when early stopping kept
 *     an earlier one; else the same
 * @param seconds that it took, resumed or not
 * @param examplesPerSecond NaN when unknown
 * @param parametersSha256 of a finished trial, else null
 * @param evaluations of all splits, in the order of steps
 */
public record TrialResult(
        Trial trial,
        RunRecord.Status status,
        int exitCode,
        String error,
        long steps,
        long modelStep,
        double seconds,
        double examplesPerSecond,
        String parametersSha256,
        List<Evaluated> evaluations) {

    /** Scores of a split when so many steps were done. */
    public record Evaluated(SplitName split, long step, Map<String, Double> figures) {
        /** NaN for none; {@link #accuracy} likewise. */
        public double loss() {
            return figures.getOrDefault(MetricsLine.LOSS, Double.NaN);
        }

        public double accuracy() {
            return figures.getOrDefault(MetricsLine.ACCURACY, Double.NaN);
        }

        /** What the trial was trained for. */
        public Objective objective() {
            return Objective.ofFigures(figures.keySet());
        }

        /** The objective's own figure; NaN for none. */
        public double figure() {
            return figures.getOrDefault(objective().figure(), Double.NaN);
        }
    }

    /** @return empty when the trial was never begun */
    static Optional<TrialResult> read(Trial trial, RunFolder folder) throws IOException {
        RunRecord run = RunRecord.read(folder);
        if (run == null) {
            return Optional.empty();
        }
        List<Evaluated> evaluations = new ArrayList<>();
        MetricsLog.read(folder, line -> {
            if (!line.ofStep()) {
                evaluations.add(new Evaluated(
                        SplitName.valueOf(line.split().toUpperCase(Locale.ROOT)), line.step(), line.figures()));
            }
        });
        long steps = Objects.requireNonNullElse(run.progress().steps(), 0L);
        return Optional.of(new TrialResult(
                trial,
                run.ending().status(),
                Objects.requireNonNullElse(run.ending().exitCode(), 0),
                run.ending().error(),
                steps,
                Objects.requireNonNullElse(run.product().modelStep(), steps),
                Objects.requireNonNullElse(run.ending().seconds(), 0.0),
                Objects.requireNonNullElse(run.progress().examplesPerSecond(), Double.NaN),
                run.product().parametersSha256(),
                evaluations));
    }

    /** A trial that could not even begin. */
    static TrialResult failed(Trial trial, int exitCode, String error) {
        return new TrialResult(trial, RunRecord.Status.FAILED, exitCode, error, 0, 0, 0, Double.NaN, null, List.of());
    }

    /** The last scores of a split. */
    public Optional<Evaluated> last(SplitName split) {
        return evaluations.stream()
                .filter(evaluated -> evaluated.split() == split)
                .reduce((earlier, later) -> later);
    }

    /** The scores of a split with the parameters of the model, for a finished trial; else the last ones. */
    public Optional<Evaluated> kept(SplitName split) {
        return at(split, modelStep).or(() -> last(split));
    }

    /** The scores of a split when exactly so many steps were done. */
    public Optional<Evaluated> at(SplitName split, long step) {
        return evaluations.stream()
                .filter(evaluated -> evaluated.split() == split && evaluated.step() == step)
                .reduce((earlier, later) -> later);
    }

    /** Whether it came to a rest after so many steps, or went beyond: then it was evaluated there. */
    boolean rests(long step) {
        return evaluations.stream().anyMatch(evaluated -> evaluated.step() == step);
    }
}
