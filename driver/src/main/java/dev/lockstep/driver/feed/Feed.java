package dev.lockstep.driver.feed;

import dev.lockstep.driver.source.ExampleSet;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.plan.Placement;
import dev.lockstep.worker.settings.SparkSettings;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;

/** Brings examples to the tasks that compute with them. */
public interface Feed extends AutoCloseable {

    /** One element a task, in the order of tasks. To be unpersisted by who asked for it. */
    JavaRDD<PlacedExamples> arrange(Placement placement);

    /** Whether a task of an arrangement can look up all examples that were placed, not only its own. */
    boolean everywhere();

    /** Frees what the cluster holds of them. */
    @Override
    void close();

    /**
     * The feed for so many examples: few are copied to every executor, many are shuffled. Which examples come and in which
     * order is the same; {@link SparkSettings#replicatedBytes} says what is few.
     *
     * @param tasks how many may share the reading of many, at least 1
     */
    static Feed of(JavaSparkContext spark, ExampleSet examples, int tasks) {
        long limit = new SparkSettings(spark.getConf()).replicatedBytes();
        int bytes = examples.bytesAnExample();
        return examples.size() * bytes <= limit
                ? new ReplicatedFeed(spark, examples)
                : new ShuffledFeed(examples.blocks(spark, tasks), bytes);
    }
}
