package dev.lockstep.driver.loop;

import dev.lockstep.driver.feed.Feed;
import dev.lockstep.driver.spark.Jobs;
import dev.lockstep.driver.spark.Releases;
import dev.lockstep.worker.evaluate.Lengths;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.plan.Buckets;
import dev.lockstep.worker.plan.EvaluationPlacement;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.plan.Subset;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Training examples from the shortest to the longest.
 *
 * @param examples numbered so
 * @param buckets those of one length
 */
record SortedByLength(Subset examples, Buckets buckets) {
    private static final Duration DEADLINE = Duration.ofHours(1);
    private static final int CHUNKS = 256;

    /**
     * Sorts what tasks read once; the same on any cluster.
     *
     * @throws ConfigurationException when there are more than the driver can sort
     */
    static SortedByLength of(JavaSparkContext spark, Feed feed, Subset training, ExampleFormat format) {
        if (training.size() > Integer.MAX_VALUE - 8) {
            throw new ConfigurationException("data.sampling: is buckets, which the driver sorts " + training.size()
                    + " examples for; expected at most " + (Integer.MAX_VALUE - 8));
        }
        int chunk = Math.toIntExact(Math.max(1, (training.size() + CHUNKS - 1) / CHUNKS));
        long chunks = (training.size() + chunk - 1) / chunk;
        int tasks = (int) Math.max(1, Math.min(spark.defaultParallelism(), chunks));
        Lengths work = new Lengths(new EvaluationPlacement(training, chunk, tasks), format);
        JavaRDD<PlacedExamples> examples = feed.arrange(work.placement());
        try {
            return of(
                    training,
                    Jobs.collect(
                            spark,
                            examples.mapPartitionsWithIndex(
                                    (task, part) -> List.of(work.ofTask(task, part.next()))
                                            .iterator(),
                                    false),
                            "find the lengths of the training examples",
                            DEADLINE));
        } finally {
            Releases.release(examples);
        }
    }

    private static SortedByLength of(Subset training, List<int[]> tasks) {
        int[] lengths = tasks.stream().flatMapToInt(Arrays::stream).toArray();
        int[] numbers = Lengths.ascending(tasks);
        List<Long> begins = new ArrayList<>();
        for (int i = 0; i < numbers.length; i++) {
            if (i == 0 || lengths[numbers[i]] != lengths[numbers[i - 1]]) {
                begins.add((long) i);
            }
        }
        return new SortedByLength(training.inOrder(numbers), new Buckets(begins));
    }
}
