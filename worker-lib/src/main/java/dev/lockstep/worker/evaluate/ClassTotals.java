package dev.lockstep.worker.evaluate;

import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.plan.EvaluationPlacement;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.plan.Subset;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * What a task does to find out how much the examples of each class weigh together: it adds them up in chunks by their number
 * in the set, whatever the cluster. There are never more chunks than a driver can hold, however large the set is.
 *
 * @param placement which examples are whose
 * @param format what they are, of one class each
 */
public record ClassTotals(EvaluationPlacement placement, ExampleFormat format) implements Serializable {
    private static final int CHUNKS = 256;

    /** How many examples are unpacked at once. */
    private static final int PIECE = 1024;

    /** @param tasks how many may share the work, at least 1 */
    public static ClassTotals of(Subset subset, ExampleFormat format, int tasks) {
        int chunk = Math.toIntExact(Math.max(1, (subset.size() + CHUNKS - 1) / CHUNKS));
        long chunks = (subset.size() + chunk - 1) / chunk;
        return new ClassTotals(new EvaluationPlacement(subset, chunk, (int) Math.min(tasks, chunks)), format);
    }

    /** Of each chunk of a task, in order, what each class weighs, {@code [classes]}. */
    public ArrayList<double[]> ofTask(int task, PlacedExamples examples) {
        ArrayList<double[]> chunks = new ArrayList<>();
        long end = placement.start(task + 1);
        for (long first = placement.start(task); first < end; first += placement.chunk()) {
            chunks.add(between(first, Math.min(end, first + placement.chunk()), examples));
        }
        return chunks;
    }

    private double[] between(long from, long to, PlacedExamples examples) {
        double[] totals = new double[format.target().values()];
        for (long first = from; first < to; first += PIECE) {
            for (byte[] packed : examples.between(first, Math.min(to, first + PIECE))) {
                totals[ExampleFormat.classOf(packed)] += format.weight(packed);
            }
        }
        return totals;
    }

    /** Of all chunks, in order. */
    public double[] whole(List<? extends List<double[]>> tasks) {
        double[] totals = new double[format.target().values()];
        for (List<double[]> chunks : tasks) {
            for (double[] chunk : chunks) {
                for (int i = 0; i < totals.length; i++) {
                    totals[i] += chunk[i];
                }
            }
        }
        return totals;
    }
}
