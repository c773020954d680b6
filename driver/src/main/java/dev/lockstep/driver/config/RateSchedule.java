package dev.lockstep.driver.config;

import dev.lockstep.worker.model.Schedule;
import dev.lockstep.worker.model.Schedule.Decay;

/**
 * {@code optimizer.schedule}: a {@link Schedule} whose times may be given in epochs.
 *
 * @param warmUp null for none
 * @param plateau null for none
 */
public record RateSchedule(Decay decay, double factor, Every period, Every warmUp, Plateau plateau) {

    /**
     * Multiplies the rate whenever a metric no longer improves.
     *
     * @param factor in (0, 1)
     */
    public record Plateau(Watch watch, double factor) {}

    public boolean isConstant() {
        return decay == Decay.NONE && warmUp == null && plateau == null;
    }

    /** @param cuts how often the plateau's factor has been applied so far */
    public Schedule inSteps(long stepsPerEpoch, int cuts) {
        return new Schedule(
                decay,
                factor,
                period.steps(stepsPerEpoch),
                warmUp == null ? 0 : warmUp.steps(stepsPerEpoch),
                plateau == null ? 1 : StrictMath.pow(plateau.factor(), cuts));
    }
}
