package dev.lockstep.worker.rl;

import java.io.Serializable;
import java.util.List;

/**
 * What a network is asked about.
 *
 * @param observations {@code [chunks][of a chunk][values]}; those of a chunk are asked for together
 * @param counts how many are in each chunk
 */
public record Asked(Brain brain, List<float[]> observations, List<Integer> counts) implements Serializable {

    /** What it says of a chunk, {@code [of the chunk][outputs]}. */
    public float[][] answers(int chunk) {
        return brain.with(answers -> answers.of(counts.get(chunk), new int[0], observations.get(chunk)));
    }
}
