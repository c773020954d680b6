package dev.lockstep.worker.rl;

import java.io.Serializable;
import java.util.Arrays;

/**
 * What happened from a beginning to an end, {@code steps} actions long.
 *
 * @param number of the episode in the run, from 0
 * @param states {@code [steps + 1]}, the last one that after the last action; empty where they are not counted
 * @param observations {@code [steps + 1][values]}; empty where nobody learns from them
 * @param actions {@code [steps]}
 * @param rewards {@code [steps]}
 * @param logProbabilities of the actions, {@code [steps]}, where they were drawn by probability
 * @param values what was expected to come, {@code [steps + 1]}, where somebody said; 0 behind an end
 * @param ended whether it came to an end of its own, and was not cut
 */
public record Episode(
        long number,
        int[] states,
        float[] observations,
        int[] actions,
        float[] rewards,
        float[] logProbabilities,
        float[] values,
        boolean ended)
        implements Serializable {

    public int steps() {
        return actions.length;
    }

    /** The sum of the rewards. */
    public double total() {
        double sum = 0;
        for (float reward : rewards) {
            sum += reward;
        }
        return sum;
    }

    /** What is seen before a step; behind the last one, what is seen then. */
    public float[] observation(int step) {
        int width = observations.length / (steps() + 1);
        return Arrays.copyOfRange(observations, step * width, (step + 1) * width);
    }
}
