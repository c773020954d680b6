package dev.lockstep.worker.evaluate;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import dev.lockstep.worker.model.objective.Metrics;
import java.io.Serializable;
import java.util.Comparator;
import java.util.List;

/**
 * What a task has measured. What is no whole number is kept chunk by chunk: added up in the order of the chunks, the result
 * is the same however many tasks there are.
 *
 * @param first the number of the first example, -1 when there is none
 * @param examples how many there are
 * @param losses the sum of each chunk, in order
 * @param sums each chunk's of the metrics that do not count, in order
 * @param counts of the metrics that count, over all chunks
 */
@DefaultSerializer(JavaSerializer.class)
public record Measured(long first, long examples, double[] losses, double[][] sums, SparseSums counts)
        implements Serializable {

    /**
     * All of them, as one would have measured it.
     *
     * @param lossSum over the examples
     * @param counts of the metrics that count
     * @param sums of those that do not
     */
    public record Whole(long examples, double lossSum, double[] counts, double[] sums) {}

    /** @param metrics that were measured */
    public static Whole whole(List<Measured> parts, Metrics metrics) {
        double lossSum = 0;
        long examples = 0;
        double[] counts = new double[metrics.counting(true).sums()];
        double[] sums = new double[metrics.counting(false).sums()];
        List<Measured> inOrder =
                parts.stream().sorted(Comparator.comparingLong(Measured::first)).toList();
        for (Measured part : inOrder) {
            examples += part.examples;
            for (double loss : part.losses) {
                lossSum += loss;
            }
            for (double[] ofChunk : part.sums) {
                for (int i = 0; i < sums.length; i++) {
                    sums[i] += ofChunk[i];
                }
            }
            part.counts.addTo(counts);
        }
        return new Whole(examples, lossSum, counts, sums);
    }
}
