package dev.lockstep.worker.evaluate;

import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.plan.EvaluationPlacement;
import dev.lockstep.worker.plan.PlacedExamples;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How many steps each of some sequences has, found by tasks that share them out.
 *
 * @param placement which examples are whose
 * @param format what they are
 */
public record Lengths(EvaluationPlacement placement, ExampleFormat format) implements Serializable {
    private static final int PIECE = 1024;

    /**
     * The steps of a task's examples, in order.
     *
     * @param examples what was arranged for the task
     */
    public int[] ofTask(int task, PlacedExamples examples) {
        long begin = placement.start(task);
        long end = placement.start(task + 1);
        int[] lengths = new int[Math.toIntExact(end - begin)];
        int at = 0;
        for (long first = begin; first < end; first += PIECE) {
            for (byte[] packed : examples.between(first, Math.min(end, first + PIECE))) {
                lengths[at++] = format.steps(packed);
            }
        }
        return lengths;
    }

    /**
     * The numbers of the examples from the shortest to the longest, of one length in their order.
     *
     * @param tasks what each found
     */
    public static int[] ascending(List<int[]> tasks) {
        int[] lengths = tasks.stream().flatMapToInt(Arrays::stream).toArray();
        return IntStream.range(0, lengths.length)
                .boxed()
                .sorted(Comparator.comparingInt(number -> lengths[number])) // stable
                .mapToInt(Integer::intValue)
                .toArray();
    }
}
