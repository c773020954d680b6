package dev.lockstep.worker.evaluate;

import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.Model.Prediction;
import dev.lockstep.worker.model.objective.Metrics;
import dev.lockstep.worker.model.objective.Objective;
import dev.lockstep.worker.plan.EvaluationPlacement;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.step.Predictor;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;

/**
 * What a task does to look at a model: it computes its examples in chunks by their number in the set, whatever the cluster.
 *
 * @param placement which examples are whose
 * @param format what they are
 */
public record Examination(EvaluationPlacement placement, ExampleFormat format) implements Serializable {
    /** How many examples are computed together. */
    public static final int CHUNK = 250;

    private record Chunk(long first, List<byte[]> packed, Prediction prediction) {}

    /** How good the answers of one task's examples are. */
    public Measured measure(int task, PlacedExamples examples, StoredModel model, Objective objective) {
        Metrics metrics =
                objective.measured(format.target().values(), format.target().everyStep());
        return over(task, examples, model, chunks -> measured(chunks, metrics));
    }

    private Measured measured(Iterator<Chunk> chunks, Metrics metrics) {
        Metrics counting = metrics.counting(true);
        Metrics summing = metrics.counting(false);
        long first = -1;
        long examples = 0;
        DoubleStream.Builder losses = DoubleStream.builder();
        List<double[]> sums = new ArrayList<>();
        double[] counts = new double[counting.sums()];
        while (chunks.hasNext()) {
            Chunk chunk = chunks.next();
            first = first < 0 ? chunk.first() : first;
            double lossSum = 0;
            double[] ofChunk = new double[summing.sums()];
            for (int i = 0; i < chunk.packed().size(); i++) {
                float[] output = chunk.prediction().outputs()[i];
                float[] target = format.target(chunk.packed().get(i));
                // A loss may clip what is not finite, and the class would be the first: neither says anything.
                lossSum += Answer.isFinite(output) ? chunk.prediction().losses()[i] : Double.NaN;
                counting.add(output, target, counts);
                summing.add(output, target, ofChunk);
            }
            examples += chunk.packed().size();
            losses.add(lossSum);
            sums.add(ofChunk);
        }
        return new Measured(
                first, examples, losses.build().toArray(), sums.toArray(double[][]::new), SparseSums.of(counts));
    }

    /** The answers to one task's examples before {@code limit}, in order. */
    public ArrayList<Answer> answers(int task, PlacedExamples examples, StoredModel model, long limit) {
        return over(task, examples, model, chunks -> answers(chunks, limit, true));
    }

    /** The same of all of them, each without its example and what is right. */
    public ArrayList<Answer> bareAnswers(int task, PlacedExamples examples, StoredModel model) {
        return over(task, examples, model, chunks -> answers(chunks, Long.MAX_VALUE, false));
    }

    private ArrayList<Answer> answers(Iterator<Chunk> chunks, long limit, boolean whole) {
        ArrayList<Answer> answers = new ArrayList<>();
        while (chunks.hasNext()) {
            Chunk chunk = chunks.next();
            for (int i = 0; i < chunk.packed().size() && chunk.first() + i < limit; i++) {
                byte[] example = chunk.packed().get(i);
                answers.add(new Answer(
                        chunk.first() + i,
                        whole ? example : new byte[0],
                        whole ? format.target(example) : new float[0],
                        chunk.prediction().outputs()[i]));
            }
        }
        return answers;
    }

    /** @param work what is made of the chunks, which are computed one by one as they are asked for */
    private <T> T over(int task, PlacedExamples examples, StoredModel model, Function<Iterator<Chunk>, T> work) {
        long end = placement.start(task + 1);
        return Predictor.with(
                model.configurationJson(),
                format,
                model.parameters(),
                predictor -> work.apply(
                        LongStream.iterate(placement.start(task), first -> first < end, first -> first + CHUNK)
                                .mapToObj(first -> {
                                    List<byte[]> packed = examples.between(first, Math.min(end, first + CHUNK));
                                    return new Chunk(first, packed, predictor.predict(packed));
                                })
                                .iterator()));
    }
}
