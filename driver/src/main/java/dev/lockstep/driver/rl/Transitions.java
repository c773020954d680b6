package dev.lockstep.driver.rl;

import dev.lockstep.driver.config.RlConfig;
import dev.lockstep.worker.rl.Episode;
import java.util.Arrays;
import java.util.List;

/**
 * Steps that are remembered, the oldest first.
 *
 * @param numbers of each step what was seen before it and behind it, the action, the reward, and 1 where the episode came to its end
 *     with it, {@code [steps][2 values + 3]}
 * @param values of an observation
 */
record Transitions(float[] numbers, int values) {
    private int width() {
        return RlConfig.Replay.width(values);
    }

    int count() {
        return numbers.length / width();
    }

    /** These and what was lived since; of too many the newest. */
    Transitions with(List<Episode> lived, int capacity) {
        int fresh = lived.stream().mapToInt(Episode::steps).sum() * width();
        float[] all = Arrays.copyOf(numbers, numbers.length + fresh);
        int at = numbers.length;
        for (Episode episode : lived) {
            for (int step = 0; step < episode.steps(); step++) {
                System.arraycopy(episode.observations(), step * values, all, at, 2 * values);
                all[at + 2 * values] = episode.actions()[step];
                all[at + 2 * values + 1] = episode.rewards()[step];
                all[at + 2 * values + 2] = episode.ended() && step == episode.steps() - 1 ? 1 : 0;
                at += width();
            }
        }
        int most = capacity * width();
        return new Transitions(
                all.length <= most ? all : Arrays.copyOfRange(all, all.length - most, all.length), values);
    }

    float[] before(int step) {
        return Arrays.copyOfRange(numbers, step * width(), step * width() + values);
    }

    /** Writes what was seen behind a step to {@code [values]} from {@code at} on. */
    void behind(int step, float[] into, int at) {
        System.arraycopy(numbers, step * width() + values, into, at, values);
    }

    int action(int step) {
        return (int) numbers[step * width() + 2 * values];
    }

    /**
     * What an action was worth, r + discount max Q(s', .); r at an end.
     *
     * @param then the largest of what the actions behind it are worth
     */
    double worth(int step, double discount, double then) {
        int reward = step * width() + 2 * values + 1;
        return numbers[reward] + (numbers[reward + 1] != 0 ? 0 : discount * then);
    }
}
