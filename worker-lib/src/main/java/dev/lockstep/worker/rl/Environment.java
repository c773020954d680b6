package dev.lockstep.worker.rl;

import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.seed.SplitMix64;

/**
 * A world that is acted in, step by step. All chance in it comes from the generators that it is given, and what is not
 * exact from {@link StrictMath}: the same actions give the same episode on any machine. One of a user's own is a public
 * class with a public constructor that takes nothing. Not for several threads.
 */
public interface Environment {

    /**
     * What is seen and what can be done.
     *
     * @param values of an observation, at least 1
     * @param states how many states there are, numbered from 0; 0 where they cannot be counted
     * @param actions at least 2
     */
    record Space(int values, int states, int actions) {}

    /** Always the same. */
    Space space();

    /** Begins an episode. */
    void reset(SplitMix64 random);

    /**
     * Acts.
     *
     * @param action in [0, actions)
     * @return the reward, finite
     */
    double step(int action, SplitMix64 random);

    /** Whether the episode has come to its end. */
    boolean isOver();

    /** The state; where states are counted alone. */
    default int state() {
        throw new DataException(
                getClass().getName() + " counts its states (space) but does not say which one it is in (state)");
    }

    /** Writes what is seen, finite numbers, to {@code [values]} from {@code at} on; a counted state is one-hot. */
    default void observe(float[] into, int at) {
        into[at + state()] = 1;
    }
}
