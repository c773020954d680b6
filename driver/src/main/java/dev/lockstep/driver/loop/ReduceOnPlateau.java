package dev.lockstep.driver.loop;

import dev.lockstep.driver.evaluate.Scores;
import dev.lockstep.driver.evaluate.SplitName;
import dev.lockstep.driver.state.Memory;
import dev.lockstep.driver.state.Standing;
import dev.lockstep.driver.state.TrainingState;
import java.util.Map;

/** Cuts the learning rate of a run whose metric no longer improves: counts the cuts, which the network's schedule knows. */
record ReduceOnPlateau(WatchedMetric metric) implements EvaluateEvery.Consequence {

    @Override
    public Memory after(TrainingState state, Map<SplitName, Scores> scores) {
        Memory memory = state.memory();
        Standing standing = metric.after(memory.plateau(), scores);
        boolean cut = standing.waited() == metric.watch().patience();
        return new Memory(
                memory.stopping(),
                memory.best(),
                cut ? new Standing(standing.best(), 0) : standing,
                cut ? memory.cuts() + 1 : memory.cuts());
    }
}
