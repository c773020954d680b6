package dev.lockstep.driver.evaluate;

import dev.lockstep.driver.feed.EvaluationPlacement;
import dev.lockstep.driver.feed.Feed;
import dev.lockstep.driver.feed.PlacedExamples;
import dev.lockstep.driver.feed.Subset;
import dev.lockstep.driver.spark.Jobs;
import dev.lockstep.worker.data.ExampleBlock;
import dev.lockstep.worker.network.Shape;
import dev.lockstep.worker.step.Predictor;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * Scores and predictions over a fixed set of examples, computed by the executors. Examples are computed in chunks by
 * their number in the set and added up in that order, so the figures are the same bits on any cluster.
 */
public final class Evaluator implements AutoCloseable {
    private static final int CHUNK = 250;
    private static final Duration DEADLINE = Duration.ofHours(1);

    private final JavaSparkContext spark;
    private final Shape shape;
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

        /** The class with the largest output; the first of them when several are equal. */
        public int predicted() {
            return argMax(probabilities);
        }
    }

    private record Chunk(long first, double lossSum, long[][] confusion) implements Serializable {}

    private interface ChunkWork<T> extends Serializable {
        T apply(long first, List<byte[]> packed, Predictor.Prediction prediction);
    }

    /** @param subset the examples of the feed's split to look at, at least one */
    public Evaluator(JavaSparkContext spark, Feed feed, Subset subset, Shape shape, int classes) {
        this.spark = spark;
        this.shape = shape;
        this.classes = classes;
        long chunks = (subset.size() + CHUNK - 1) / CHUNK;
        int tasks = (int) Math.max(1, Math.min(chunks, spark.defaultParallelism()));
        this.placement = new EvaluationPlacement(subset, CHUNK, tasks);
        this.examples = feed.arrange(placement);
    }

    /** @param description what is evaluated, for Spark's UI */
    public Scores evaluate(Model model, String description) {
        int size = classes;
        List<Chunk> chunks = new ArrayList<>(overChunks(model, description, (first, packed, prediction) -> {
            double lossSum = 0;
            long[][] confusion = new long[size][size];
            for (int i = 0; i < packed.size(); i++) {
                lossSum += prediction.losses()[i];
                confusion[ExampleBlock.label(packed.get(i))][argMax(prediction.outputs()[i])]++;
            }
            return new Chunk(first, lossSum, confusion);
        }));
        chunks.sort(Comparator.comparingLong(Chunk::first));
        double lossSum = 0;
        long[][] confusion = new long[classes][classes];
        for (Chunk chunk : chunks) {
            lossSum += chunk.lossSum();
            for (int i = 0; i < classes; i++) {
                for (int j = 0; j < classes; j++) {
                    confusion[i][j] += chunk.confusion()[i][j];
                }
            }
        }
        Scores counted = new Scores(0, confusion);
        return new Scores(lossSum / counted.examples(), confusion);
    }

    /** The network's answers to the first examples of the set, in order; all of them for {@code limit = Long.MAX_VALUE}. */
    public List<Answer> predict(Model model, long limit, String description) {
        List<List<Answer>> chunks = overChunks(model, description, (first, packed, prediction) -> {
            List<Answer> answers = new ArrayList<>();
            for (int i = 0; i < packed.size() && first + i < limit; i++) {
                byte[] example = packed.get(i);
                answers.add(new Answer(
                        first + i,
                        ExampleBlock.label(example),
                        prediction.outputs()[i],
                        java.util.Arrays.copyOfRange(example, Integer.BYTES, example.length)));
            }
            return answers;
        });
        return chunks.stream()
                .flatMap(List::stream)
                .sorted(Comparator.comparingLong(Answer::index))
                .toList();
    }

    /** Frees the examples that the cluster holds for it. */
    @Override
    public void close() {
        examples.unpersist(false);
    }

    private <T> List<T> overChunks(Model model, String description, ChunkWork<T> work) {
        Broadcast<Model> shared = spark.broadcast(model);
        EvaluationPlacement places = placement;
        Shape input = shape;
        int outputs = classes;
        try {
            return Jobs.collect(
                    spark,
                    examples.mapPartitionsWithIndex(
                            (task, part) -> chunksOf(places, task, part.next(), shared.value(), input, outputs, work),
                            false),
                    description,
                    DEADLINE);
        } finally {
            shared.destroy();
        }
    }

    private static <T> Iterator<T> chunksOf(
            EvaluationPlacement placement,
            int task,
            PlacedExamples examples,
            Model model,
            Shape shape,
            int classes,
            ChunkWork<T> work) {
        long end = placement.start(task + 1);
        return Predictor.with(model.configurationJson(), shape, classes, model.parameters(), predictor -> {
            List<T> results = new ArrayList<>();
            for (long first = placement.start(task); first < end; first += CHUNK) {
                List<byte[]> packed = examples.between(first, Math.min(end, first + CHUNK));
                results.add(work.apply(first, packed, predictor.predict(packed)));
            }
            return results.iterator();
        });
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
