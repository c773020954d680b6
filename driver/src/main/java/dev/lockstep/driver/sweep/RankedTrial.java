package dev.lockstep.driver.sweep;

import dev.lockstep.driver.config.SweepConfig;
import dev.lockstep.driver.evaluate.SplitName;
import dev.lockstep.driver.run.RunRecord.Status;
import dev.lockstep.driver.sweep.TrialResult.Evaluated;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/**
 * A trial's place in a sweep.
 *
 * @param number of the trial, from 0
 * @param rung of successive halving that it came to, from 0
 * @param resting at the end of a rung, to go on if it is among the best
 * @param stopped why successive halving ended it early, or null
 */
record RankedTrial(int number, int rung, boolean resting, String stopped, TrialResult result) {

    /** Best first: who came further, then by the metric, then by number; those without a figure last. */
    static Comparator<RankedTrial> bestFirst(SweepConfig.Metric metric) {
        return Comparator.comparing(
                        (RankedTrial standing) -> standing.value(metric).isEmpty())
                .thenComparing(Comparator.comparingInt(RankedTrial::rung).reversed())
                .thenComparing(standing -> standing.value(metric).orElse(0.0), by(metric))
                .thenComparing(RankedTrial::number);
    }

    static Comparator<Double> by(SweepConfig.Metric metric) {
        return metric.isAccuracy() ? Comparator.reverseOrder() : Comparator.naturalOrder();
    }

    static SplitName split(SweepConfig.Metric metric) {
        return metric.isOfValidation() ? SplitName.VALIDATION : SplitName.TEST;
    }

    /** The figure of some scores that trials are compared by; empty when it is not finite. */
    static Optional<Double> value(SweepConfig.Metric metric, Optional<Evaluated> scores) {
        return scores.map(evaluated -> metric.isAccuracy() ? evaluated.accuracy() : evaluated.loss())
                .filter(Double::isFinite);
    }

    /** "finished", "stopped" (by successive halving), "resting", "diverged", .... */
    String status() {
        if (stopped != null) {
            return "stopped";
        }
        return resting ? "resting" : result.status().name().toLowerCase(Locale.ROOT);
    }

    boolean isFinished() {
        return result.status() == Status.FINISHED;
    }

    /** The scores of a split that count; of one that diverged, failed or was interrupted there are none. */
    Optional<Evaluated> scores(SplitName split) {
        return isFinished() || resting || stopped != null ? result.kept(split) : Optional.empty();
    }

    Optional<Double> value(SweepConfig.Metric metric) {
        return value(metric, scores(split(metric)));
    }
}
