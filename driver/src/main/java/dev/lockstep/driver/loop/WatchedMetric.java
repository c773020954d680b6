package dev.lockstep.driver.loop;

import dev.lockstep.driver.config.Watch;
import dev.lockstep.driver.evaluate.Scores;
import dev.lockstep.driver.evaluate.SplitName;
import dev.lockstep.driver.state.Standing;
import dev.lockstep.worker.failure.ConfigurationException;
import java.util.Map;
import java.util.Set;

/** A metric whose value an evaluation shows, and how it stands after some. */
record WatchedMetric(Watch watch) {

    /**
     * @param key that says to watch it
     * @param splits those that are evaluated
     * @throws ConfigurationException when its own is not among them
     */
    static WatchedMetric of(String key, Watch watch, Set<SplitName> splits) {
        WatchedMetric watched = new WatchedMetric(watch);
        if (!splits.contains(watched.split())) {
            throw new ConfigurationException(
                    key + ": is " + watch.metric() + ", but the data has no such examples; watch another metric");
        }
        return watched;
    }

    private SplitName split() {
        return watch.metric().ofValidation() ? SplitName.VALIDATION : SplitName.TEST;
    }

    /** @param before null before the first evaluation */
    Standing after(Standing before, Map<SplitName, Scores> evaluation) {
        Scores seen = evaluation.get(split());
        double value = watch.metric().isLoss() ? seen.loss() : seen.accuracy();
        return before == null || Double.isNaN(before.best()) || watch.improves(value, before.best())
                ? new Standing(value, 0)
                : new Standing(before.best(), before.waited() + 1);
    }
}
