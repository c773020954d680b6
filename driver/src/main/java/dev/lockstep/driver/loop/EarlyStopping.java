package dev.lockstep.driver.loop;

import dev.lockstep.driver.evaluate.Scores;
import dev.lockstep.driver.evaluate.SplitName;
import dev.lockstep.driver.state.Memory;
import dev.lockstep.driver.state.Standing;
import dev.lockstep.driver.state.TrainingState;
import java.util.Locale;
import java.util.Map;

/** Ends a run whose metric no longer improves, and keeps the state that was best. */
record EarlyStopping(WatchedMetric metric) implements LoopListener, EvaluateEvery.Consequence {

    @Override
    public Memory after(TrainingState state, Map<SplitName, Scores> scores) {
        Memory memory = state.memory();
        Standing standing = metric.after(memory.stopping(), scores);
        TrainingState best = standing.waited() == 0 ? state.with(Memory.NOTHING) : memory.best();
        return new Memory(standing, best, memory.plateau(), memory.cuts());
    }

    /** Whether it has waited long enough. */
    @Override
    public boolean shouldStop(TrainingState state) {
        Standing standing = state.memory().stopping();
        return standing != null && standing.waited() >= metric.watch().patience();
    }

    /** The state to be kept of a run that ended with this one: the best; itself, before an evaluation. */
    TrainingState kept(TrainingState last) {
        TrainingState best = last.memory().best();
        return best == null ? last : best;
    }

    /** What it did in a run that ended with this state; null when it has seen nothing. */
    String story(TrainingState last, long stepsPerEpoch) {
        Standing standing = last.memory().stopping();
        if (standing == null) {
            return null;
        }
        String kept = String.format(
                Locale.ROOT,
                "kept the parameters of step %d (epoch %.2f), the best with %s %.6f",
                kept(last).step(),
                (double) kept(last).step() / stepsPerEpoch,
                metric.watch().metric(),
                standing.best());
        return shouldStop(last)
                ? String.format(
                        Locale.ROOT,
                        "stopped early at step %d (epoch %.2f): %s has not improved in %d evaluations; %s",
                        last.step(),
                        (double) last.step() / stepsPerEpoch,
                        metric.watch().metric(),
                        standing.waited(),
                        kept)
                : "not stopped early; " + kept;
    }
}
