package dev.lockstep.worker.model;

import java.io.Serializable;

/**
 * How the learning rate changes over a run: what the optimizer's rate is multiplied with at each step. A function of the
 * step alone, so that a resumed run goes on where it stopped.
 *
 * @param decay what happens behind the warm-up
 * @param factor {@code STEP}, {@code EXPONENTIAL}: what a period multiplies the rate with, in (0, 1]; {@code COSINE}: the
 *     factor at the end, in [0, 1)
 * @param period in steps, from 1
 * @param warmUp steps over which the rate rises evenly to its first value, from 0; the decay starts behind them
 * @param scale multiplies every rate, above 0: what plateaus have left of it
 */
public record Schedule(Decay decay, double factor, long period, long warmUp, double scale) implements Serializable {

    /** The rate all the time. */
    public static final Schedule CONSTANT = new Schedule(Decay.NONE, 1, 1, 0, 1);

    /** With t the steps since the warm-up and p the period: what the rate is multiplied with. */
    public enum Decay {
        /** 1 */
        NONE,
        /** factor^floor(t / p) */
        STEP,
        /** factor^(t / p) */
        EXPONENTIAL,
        /** factor + (1 - factor) (1 + cos(pi min(t / p, 1))) / 2: Loshchilov, Hutter 2017, without restarts */
        COSINE
    }

    public boolean isConstant() {
        return decay == Decay.NONE && warmUp == 0 && scale == 1;
    }

    /** What the optimizer's learning rate is multiplied with. */
    public double at(long step) {
        if (step < warmUp) {
            return scale * (step + 1) / warmUp;
        }
        double periods = (double) (step - warmUp) / period;
        // StrictMath: the same bits on every machine.
        return scale
                * switch (decay) {
                    case NONE -> 1;
                    case STEP -> StrictMath.pow(factor, Math.floor(periods));
                    case EXPONENTIAL -> StrictMath.pow(factor, periods);
                    case COSINE ->
                        factor + (1 - factor) * (1 + StrictMath.cos(StrictMath.PI * Math.min(periods, 1))) / 2;
                };
    }
}
