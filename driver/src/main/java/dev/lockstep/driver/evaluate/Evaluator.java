package dev.lockstep.driver.evaluate;

import dev.lockstep.driver.feed.Feed;
import dev.lockstep.driver.spark.Jobs;
import dev.lockstep.driver.spark.Releases;
import dev.lockstep.worker.evaluate.Answer;
import dev.lockstep.worker.evaluate.Examination;
import dev.lockstep.worker.evaluate.Measured;
import dev.lockstep.worker.evaluate.StoredModel;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.objective.Objective;
import dev.lockstep.worker.plan.EvaluationPlacement;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.plan.Subset;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function3;
import org.apache.spark.rdd.PartitionPruningRDD;
import scala.Function1;

/**
 * Scores and answers over a fixed set of examples, computed by the executors. Examples are computed in chunks by their number
 * in the set and added up in that order, so the figures are the same bits on any cluster.
 */
public final class Evaluator implements AutoCloseable {
    private static final Duration DEADLINE = Duration.ofHours(1);

    /** So many examples a task, where the driver shall hold the answers of a few tasks alone. */
    public static final long FEW = 16_384;

    private final JavaSparkContext spark;
    private final Objective objective;
    private final Examination examination;
    private final JavaRDD<PlacedExamples> examples;

    /**
     * @param subset the examples of the feed's split to look at, at least one
     * @param format what they are
     * @param objective what they are to be told
     */
    public Evaluator(JavaSparkContext spark, Feed feed, Subset subset, ExampleFormat format, Objective objective) {
        this(spark, feed, subset, format, objective, Long.MAX_VALUE);
    }

    /** @param most examples of a task, about; which changes no answer */
    public Evaluator(
            JavaSparkContext spark, Feed feed, Subset subset, ExampleFormat format, Objective objective, long most) {
        this.spark = spark;
        this.objective = objective;
        long chunks = (subset.size() + Examination.CHUNK - 1) / Examination.CHUNK;
        long wanted = Math.max(spark.defaultParallelism(), (subset.size() - 1) / most + 1);
        int tasks = (int) Math.max(1, Math.min(chunks, wanted));
        EvaluationPlacement placement = new EvaluationPlacement(subset, Examination.CHUNK, tasks);
        this.examination = new Examination(placement, format);
        this.examples = feed.arrange(placement);
    }

    /** What the examples are to be told. */
    public Objective objective() {
        return objective;
    }

    /**
     * @param description what is evaluated, for Spark's UI
     * @return with a loss of NaN when not all that the network said are finite numbers
     */
    public Scores evaluate(StoredModel model, String description) {
        Examination work = examination;
        Objective of = objective;
        List<Measured> parts =
                overTasks(model, description, (task, examples, stored) -> work.measure(task, examples, stored, of));
        return Scores.of(objective, examination.format().target(), parts);
    }

    /** The network's answers to the first examples of the set, in order; all of them for {@code limit = Long.MAX_VALUE}. */
    public List<Answer> predict(StoredModel model, long limit, String description) {
        Examination work = examination;
        return overTasks(model, description, (task, examples, stored) -> work.answers(task, examples, stored, limit))
                .stream()
                .flatMap(List::stream)
                .sorted(Comparator.comparingLong(Answer::index))
                .toList();
    }

    /**
     * Gives somebody the network's answers to all examples, in order, without the examples; the driver holds those of as many
     * tasks at a time as there are slots.
     *
     * @param taker told of one after the other
     */
    public void predict(StoredModel model, String description, Consumer<Answer> taker) {
        Examination work = examination;
        int tasks = work.placement().tasks();
        int together = Math.max(1, spark.defaultParallelism());
        Jobs.broadcasting(spark, model, shared -> {
            for (int from = 0; from < tasks; from += together) {
                int first = from;
                JavaRDD<ArrayList<Answer>> answers = between(from, from + together)
                        .mapPartitionsWithIndex(
                                (task, part) -> List.of(work.bareAnswers(first + task, part.next(), shared.value()))
                                        .iterator(),
                                false);
                Jobs.collect(spark, answers, description, DEADLINE).forEach(some -> some.forEach(taker));
            }
            return null;
        });
    }

    /** The parts of some tasks, numbered from 0; no task is started for the others. */
    private JavaRDD<PlacedExamples> between(int from, int to) {
        Function1<Object, Object> meant =
                (Function1<Object, Object> & Serializable) task -> (int) task >= from && (int) task < to;
        return PartitionPruningRDD.create(examples.rdd(), meant).toJavaRDD();
    }

    /** Frees the examples that the cluster holds for it. */
    @Override
    public void close() {
        Releases.release(examples);
    }

    /** @param work what a task, by its number, does with its examples and the model */
    private <T> List<T> overTasks(
            StoredModel model, String description, Function3<Integer, PlacedExamples, StoredModel, T> work) {
        return Jobs.broadcasting(
                spark,
                model,
                shared -> Jobs.collect(
                        spark,
                        examples.mapPartitionsWithIndex(
                                (task, part) -> List.of(work.call(task, part.next(), shared.value()))
                                        .iterator(),
                                false),
                        description,
                        DEADLINE));
    }
}
