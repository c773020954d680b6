package dev.lockstep.driver.train;

import dev.lockstep.driver.config.RateSchedule.Plateau;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.config.Watch;
import dev.lockstep.driver.evaluate.Scores;
import dev.lockstep.driver.state.Memory;
import dev.lockstep.driver.state.Standing;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.driver.train.TrainingMonitor.SplitName;
import dev.lockstep.worker.failure.ConfigurationException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What evaluations lead to: the end of a run that no longer improves, and a smaller learning rate on a plateau. */
final class Patience {
    private final Watch stopping;
    private final Plateau plateau;

    /**
     * @param splits those that are evaluated
     * @throws ConfigurationException when one is watched that is not among them
     */
    Patience(RunConfig config, Set<SplitName> splits) {
        this.stopping = config.training().earlyStopping();
        this.plateau = config.schedule().plateau();
        if (stopping != null) {
            requireSplit("train.early-stopping.metric", stopping, splits);
        }
        if (plateau != null) {
            requireSplit("optimizer.schedule.metric", plateau.watch(), splits);
        }
    }

    private static void requireSplit(String key, Watch watch, Set<SplitName> splits) {
        if (!splits.contains(split(watch))) {
            throw new ConfigurationException(
                    key + ": is " + watch.metric() + ", but the data has no such examples; watch another metric");
        }
    }

    /** Whether early stopping has waited long enough. */
    boolean isLost(Memory memory) {
        return stopping != null
                && memory.stopping() != null
                && memory.stopping().waited() >= stopping.patience();
    }

    /** The state to be kept of a run that ended with this one: with early stopping the best, else itself. */
    TrainingState kept(TrainingState last) {
        TrainingState best = last.memory().best();
        return stopping == null || best == null ? last : best;
    }

    /** What early stopping did in a run that ended with this state; empty when it is off or has seen nothing. */
    Optional<String> story(TrainingState last, long stepsPerEpoch) {
        Standing standing = last.memory().stopping();
        if (stopping == null || standing == null) {
            return Optional.empty();
        }
        String kept = String.format(
                Locale.ROOT,
                "kept the parameters of step %d (epoch %.2f), the best with %s %.6f",
                kept(last).step(),
                (double) kept(last).step() / stepsPerEpoch,
                stopping.metric(),
                standing.best());
        return Optional.of(
                isLost(last.memory())
                        ? String.format(
                                Locale.ROOT,
                                "stopped early at step %d (epoch %.2f): %s has not improved in %d evaluations; %s",
                                last.step(),
                                (double) last.step() / stepsPerEpoch,
                                stopping.metric(),
                                standing.waited(),
                                kept)
                        : "not stopped early; " + kept);
    }

    /** The state with what its evaluation leads to. */
    TrainingState after(TrainingState state, Map<SplitName, Scores> scores) {
        Memory memory = state.memory();
        Standing stop = memory.stopping();
        TrainingState best = memory.best();
        Standing flat = memory.plateau();
        int cuts = memory.cuts();
        if (stopping != null) {
            stop = next(stopping, stop, scores);
            best = stop.waited() == 0 ? state.with(Memory.NOTHING) : best;
        }
        if (plateau != null) {
            flat = next(plateau.watch(), flat, scores);
            if (flat.waited() == plateau.watch().patience()) {
                flat = new Standing(flat.best(), 0);
                cuts++;
            }
        }
        return state.with(new Memory(stop, best, flat, cuts));
    }

    private static Standing next(Watch watch, Standing before, Map<SplitName, Scores> scores) {
        Scores seen = scores.get(split(watch));
        double value = watch.metric().isLoss() ? seen.loss() : seen.accuracy();
        return before == null || Double.isNaN(before.best()) || watch.improves(value, before.best())
                ? new Standing(value, 0)
                : new Standing(before.best(), before.waited() + 1);
    }

    private static SplitName split(Watch watch) {
        return watch.metric().ofValidation() ? SplitName.VALIDATION : SplitName.TEST;
    }
}
