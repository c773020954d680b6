package dev.lockstep.driver.sweep;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lockstep.driver.run.MetricsLog;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.run.RunRecord;
import dev.lockstep.driver.train.TrainingMonitor.SplitName;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
    public record Evaluated(SplitName split, long step, double loss, double accuracy) {}

    /** @return empty when the trial was never begun */
    static Optional<TrialResult> read(Trial trial, RunFolder folder) throws IOException {
        JsonNode run = RunRecord.read(folder);
        if (run == null) {
            return Optional.empty();
        }
        List<Evaluated> evaluations = new ArrayList<>();
        for (JsonNode line : MetricsLog.read(folder)) {
            if (line.path("learning_rate").isNull()) { // a step has one
                evaluations.add(new Evaluated(
                        SplitName.valueOf(line.path("split").asText().toUpperCase(Locale.ROOT)),
                        line.path("step").asLong(),
                        line.path("loss").asDouble(Double.NaN),
                        line.path("accuracy").asDouble(Double.NaN)));
            }
        }
        return Optional.of(new TrialResult(
                trial,
                RunRecord.Status.valueOf(run.path("status").asText().toUpperCase(Locale.ROOT)),
                run.path("exit_code").asInt(),
                run.path("error").asText(null),
                run.path("steps").asLong(),
                run.path("model_step").asLong(run.path("steps").asLong()),
                run.path("seconds").asDouble(),
                run.path("examples_per_second").asDouble(Double.NaN),
                run.path("parameters_sha256").asText(null),
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
