package dev.lockstep.driver.report;

import dev.lockstep.driver.run.MetricsLine;
import dev.lockstep.driver.run.TrialLine;
import dev.lockstep.worker.model.objective.Objective;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A trial of a sweep, with its curves.
 *
 * @param objective what it is trained for
 * @param clock when its steps were done
 * @param loss evaluations, by step, of the split that trials are compared by; {@code figure}, the objective's, likewise
 */
record SweepTrial(TrialLine line, Objective objective, StepCurve loss, StepCurve figure, StepClock clock) {

    /** @param metrics the trial's own */
    static SweepTrial of(TrialLine line, MetricsHistory metrics) {
        String split = line.metric() == null ? "" : line.metric().split("-")[0];
        Objective objective = metrics.objective();
        return new SweepTrial(
                line,
                objective,
                metrics.evaluations(split, MetricsLine.LOSS),
                metrics.evaluations(split, objective.figure()),
                metrics.clock());
    }

    /** The figure that trials are shown by, beside the loss: of the first that is no classifier, else accuracy. */
    static String figure(List<SweepTrial> trials) {
        return trials.stream()
                .map(SweepTrial::objective)
                .filter(objective -> objective != Objective.CLASSIFICATION)
                .findFirst()
                .orElse(Objective.CLASSIFICATION)
                .figure();
    }

    String name() {
        return line.trial();
    }

    String status() {
        return line.status();
    }

    /** By swept key. */
    Map<String, String> values() {
        return line.values();
    }

    boolean isRanked() {
        return rank() > 0;
    }

    /** From 1; 0 for a trial that has none. */
    int rank() {
        return line.rank() == null ? 0 : line.rank();
    }

    /** What trials are compared by; NaN for a trial that has none. */
    double value() {
        return RunFacts.number(line.value());
    }

    /** NaN for none. */
    double number(String field) {
        return line.facts().get(field) instanceof Number number ? number.doubleValue() : Double.NaN;
    }

    /** Why it has no figure, or was stopped; empty when there is nothing to say. */
    String remark() {
        return (line.error() == null ? "" : line.error()) + (line.stopped() == null ? "" : line.stopped());
    }

    /** {@code key=value key=value}, keys without what comes before their last dot. */
    String title() {
        List<String> parts = new ArrayList<>();
        values().forEach((key, text) -> parts.add(key.substring(key.lastIndexOf('.') + 1) + "=" + text));
        return name() + " " + String.join(" ", parts);
    }
}
