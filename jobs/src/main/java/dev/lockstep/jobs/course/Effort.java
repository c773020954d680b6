package dev.lockstep.jobs.course;

import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.loop.Trainer;
import dev.lockstep.driver.report.LayerRow;
import dev.lockstep.driver.report.Numbers;
import dev.lockstep.driver.sweep.Datasets;
import dev.lockstep.driver.sweep.Trial;
import java.time.Duration;
import java.util.List;

/**
 * How much some training is.
 *
 * @param seconds about, on one core; evaluations on the way not counted
 */
record Effort(int trials, long steps, double seconds) {
    /** What a step takes beside its arithmetic, and what a core does of that in a second: orders of magnitude. */
    private static final double SECONDS_A_STEP = 0.0002;

    private static final double FLOPS_A_SECOND = 1e10;

    static Effort of(List<Trial> trials, Datasets datasets) {
        long steps = 0;
        double seconds = 0;
        for (Trial trial : trials) {
            RunConfig config = trial.config();
            long own = Trainer.restingStep(
                    config, datasets.of(config), config.training().length());
            double flops = LayerRow.flopsOfStep(
                    LayerRow.of(config.network()), config.training().batchSize());
            steps += own;
            seconds += own * (SECONDS_A_STEP + flops / FLOPS_A_SECOND);
        }
        return new Effort(trials.size(), steps, seconds);
    }

    @Override
    public String toString() {
        return (trials == 1 ? "" : trials + " trials, ") + Numbers.whole(steps) + " steps, about "
                + Numbers.duration(Duration.ofMillis(Math.round(1000 * seconds))) + " of one core";
    }
}
