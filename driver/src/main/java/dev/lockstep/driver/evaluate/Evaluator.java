package dev.lockstep.driver.evaluate;

import dev.lockstep.driver.feed.Feed;
import dev.lockstep.driver.spark.Jobs;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.Model.Prediction;
import dev.lockstep.worker.plan.EvaluationPlacement;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.plan.Subset;
import dev.lockstep.worker.step.Predictor;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * Scores and predictions over a fixed set of examples, computed by the executors. Examples are computed in chunks by
 * their number in the set and added up in that order, so the figures are the same bits on any cluster.
 */
public final class Evaluator implements AutoCloseable {
    /** How many examples are computed together: whatever the cluster. */
    public static final int CHUNK = 250;

    private static final Duration DEADLINE = Duration.ofHours(1);

    private final JavaSparkContext spark;
    private final ExampleFormat format;
    private final int classes;
    private final EvaluationPlacement placement;
    private final JavaRDD<PlacedExamples> examples;

    /**
     * A model as plain values.
     *
     * @param configurationJson DL4J's configuration
     * @param parameters float32 in DL4J's flat order
     */
    public record Model(String configurationJson, float[] parameters) implements Classifier, Serializable {
        @Override
        public Scores evaluate(Evaluator examples, String description) {
            return examples.evaluate(this, description);
        }

        @Override
        public List<Answer> predict(Evaluator examples, long limit, String description) {
            return examples.predict(this, limit, description);
        }
    }

    /**
     * What the network said of one example.
     *
     * @param index the example's number in the set
     * @param label its class in the data
     * @param probabilities the network's outputs, {@code [classes]}
     * @param values the example itself, one unsigned byte a value
     */
    public record Answer(long index, int label, float[] probabilities, byte[] values) implements Serializable {

        /** Whether all that the network said are numbers; else its parameters are too large, though each is one. */
        public boolean isFinite() {
            return Evaluator.isFinite(probabilities);
        }

        /** The class with the largest output; the first of them when several are equal. */
        public int predicted() {
            return argMax(probabilities);
        }
    }

    /** @param lossSums of each of a task's chunks, in order: floats are added up in the order of the chunks alone */
    private record Part(long first, double[] lossSums, long[][] confusion) implements Serializable {}

    private record Chunk(long first, List<byte[]> packed, Prediction prediction) {}

    /** What a task makes of its chunks, which are computed one by one as they are asked for. */
    private interface TaskWork<T> extends Serializable {
        T apply(Iterator<Chunk> chunks);
    }

    /** @param subset the examples of the feed's split to look at, at least one */
    public Evaluator(JavaSparkContext spark, Feed feed, Subset subset, ExampleFormat format) {
        this.spark = spark;
        this.format = format;
        this.classes = format.target().values();
        long chunks = (subset.size() + CHUNK - 1) / CHUNK;
        int tasks = (int) Math.max(1, Math.min(chunks, spark.defaultParallelism()));
        this.placement = new EvaluationPlacement(subset, CHUNK, tasks);
        this.examples = feed.arrange(placement);
    }

    /**
     * @param description what is evaluated, for Spark's UI
     * @return with a loss of NaN when not all that the network said are finite numbers
     */
    public Scores evaluate(Model model, String description) {
        ExampleFormat of = format;
        List<Part> parts = new ArrayList<>(overTasks(model, description, chunks -> count(chunks, of)));
        parts.sort(Comparator.comparingLong(Part::first));
        double lossSum = 0;
        long[][] confusion = new long[classes][classes];
        for (Part part : parts) {
            for (double ofChunk : part.lossSums()) {
                lossSum += ofChunk;
            }
            for (int i = 0; i < classes; i++) {
                for (int j = 0; j < classes; j++) {
                    confusion[i][j] += part.confusion()[i][j];
                }
            }
        }
        Scores counted = new Scores(0, confusion);
        return new Scores(lossSum / counted.examples(), confusion);
    }

    private static Part count(Iterator<Chunk> chunks, ExampleFormat format) {
        int classes = format.target().values();
        long first = -1;
        DoubleStream.Builder lossSums = DoubleStream.builder();
        long[][] confusion = new long[classes][classes];
        while (chunks.hasNext()) {
            Chunk chunk = chunks.next();
            first = first < 0 ? chunk.first() : first;
            double lossSum = 0;
            for (int i = 0; i < chunk.packed().size(); i++) {
                float[] output = chunk.prediction().outputs()[i];
                // A loss may clip what is not finite, and the class would be the first: neither says anything.
                lossSum += isFinite(output) ? chunk.prediction().losses()[i] : Double.NaN;
                int label = ExampleFormat.classOf(chunk.packed().get(i));
                confusion[label][argMax(output)]++;
            }
            lossSums.add(lossSum);
        }
        return new Part(first, lossSums.build().toArray(), confusion);
    }

    /** The network's answers to the first examples of the set, in order; all of them for {@code limit = Long.MAX_VALUE}. */
    public List<Answer> predict(Model model, long limit, String description) {
        ExampleFormat of = format;
        return overTasks(model, description, chunks -> answers(chunks, of, limit)).stream()
                .flatMap(List::stream)
                .sorted(Comparator.comparingLong(Answer::index))
                .toList();
    }

    private static ArrayList<Answer> answers(Iterator<Chunk> chunks, ExampleFormat format, long limit) {
        ArrayList<Answer> answers = new ArrayList<>();
        while (chunks.hasNext()) {
            Chunk chunk = chunks.next();
            for (int i = 0; i < chunk.packed().size() && chunk.first() + i < limit; i++) {
                byte[] example = chunk.packed().get(i);
                answers.add(new Answer(
                        chunk.first() + i,
                        ExampleFormat.classOf(example),
                        chunk.prediction().outputs()[i],
                        Arrays.copyOfRange(example, Integer.BYTES, example.length)));
            }
        }
        return answers;
    }

    /** Frees the examples that the cluster holds for it. */
    @Override
    public void close() {
        examples.unpersist(false);
    }

    private <T> List<T> overTasks(Model model, String description, TaskWork<T> work) {
        Broadcast<Model> shared = spark.broadcast(model);
        EvaluationPlacement places = placement;
        ExampleFormat of = format;
        try {
            return Jobs.collect(
                    spark,
                    examples.mapPartitionsWithIndex(
                            (task, part) -> List.of(ofTask(places, task, part.next(), shared.value(), of, work))
                                    .iterator(),
                            false),
                    description,
                    DEADLINE);
        } finally {
            shared.destroy();
        }
    }

    private static <T> T ofTask(
            EvaluationPlacement placement,
            int task,
            PlacedExamples examples,
            Model model,
            ExampleFormat format,
            TaskWork<T> work) {
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

    private static boolean isFinite(float[] values) {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                return false;
            }
        }
        return true;
    }

    static int argMax(float[] values) {
        int largest = 0;
        for (int i = 1; i < values.length; i++) {
            if (values[i] > values[largest]) {
                largest = i;
            }
        }
        return largest;
    }
}
