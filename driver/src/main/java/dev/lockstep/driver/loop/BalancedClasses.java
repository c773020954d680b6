package dev.lockstep.driver.loop;

import dev.lockstep.driver.feed.Feed;
import dev.lockstep.driver.spark.Jobs;
import dev.lockstep.driver.spark.Releases;
import dev.lockstep.worker.evaluate.ClassTotals;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.Excerpt;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.plan.Subset;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Weights with which all classes count the same, however many examples each has: n / (classes n_c) for class c of n_c of the n
 * examples (King, Zeng 2001: "Logistic regression in rare events data"; scikit-learn's "balanced"). An example with a weight
 * counts as so many. A class without examples weighs 1, which no example asks for, and is told of: more often than not the
 * labels or network.classes are wrong.
 */
final class BalancedClasses {
    private static final Logger LOG = LoggerFactory.getLogger(BalancedClasses.class);
    private static final Duration DEADLINE = Duration.ofHours(1);

    private BalancedClasses() {}

    /**
     * The weights for some examples, which tasks read once.
     *
     * @param training the examples of the feed's split that are learnt from
     * @param format what they are, of one class each
     * @return {@code [classes]}; the same on any cluster
     */
    static List<Double> weights(JavaSparkContext spark, Feed feed, Subset training, ExampleFormat format) {
        return weights(totals(spark, feed, training, format));
    }

    /**
     * How often each class comes up, of which others are drawn.
     *
     * @throws ConfigurationException when there are not two
     */
    static List<Double> occurrences(JavaSparkContext spark, Feed feed, Subset training, ExampleFormat format) {
        double[] totals = totals(spark, feed, training, format);
        long present = DoubleStream.of(totals).filter(total -> total > 0).count();
        if (present < 2) {
            throw new ConfigurationException("network.layers: the output's negatives are drawn from the classes of the"
                    + " training examples, of which there is " + present + "; expected at least 2");
        }
        return DoubleStream.of(totals).boxed().toList();
    }

    /** How many examples each class has, which count as often as they weigh. */
    static double[] totals(JavaSparkContext spark, Feed feed, Subset training, ExampleFormat format) {
        ClassTotals work = ClassTotals.of(training, format, spark.defaultParallelism());
        JavaRDD<PlacedExamples> examples = feed.arrange(work.placement());
        try {
            return work.whole(Jobs.collect(
                    spark,
                    examples.mapPartitionsWithIndex(
                            (task, part) ->
                                    List.of(work.ofTask(task, part.next())).iterator(),
                            false),
                    "count the classes of the training examples",
                    DEADLINE));
        } finally {
            Releases.release(examples);
        }
    }

    /** @param totals how many examples each class has */
    static List<Double> weights(double[] totals) {
        List<Integer> missing = IntStream.range(0, totals.length)
                .filter(i -> totals[i] == 0)
                .boxed()
                .toList();
        if (!missing.isEmpty()) {
            LOG.warn("train.class-weights = balanced: no training example is of the classes {}", Excerpt.of(missing));
        }
        double all = DoubleStream.of(totals).sum();
        return Arrays.stream(totals)
                .map(total -> total == 0 ? 1 : all / (totals.length * total))
                .boxed()
                .toList();
    }
}
