package dev.lockstep.driver.feed;

import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.plan.Placement;
import dev.lockstep.worker.settings.SparkSettings;
import dev.lockstep.worker.source.Split;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;

/** Brings the examples of a split to the tasks that compute with them. */
public interface Feed extends AutoCloseable {

    /** One element a task, in the order of tasks. To be unpersisted by who asked for it. */
    JavaRDD<PlacedExamples> arrange(Placement placement);

    /** Whether a task of an arrangement can look up all examples that were placed, not only its own. */
    boolean everywhere();

    /** How many steps of so many bytes one arrangement may hold, at least 1. */
    long stepsAtOnce(long bytesAStep);

    /** Frees what the cluster holds of the split. */
    @Override
    void close();

    /**
     * The feed for a split of this size: a small one is copied to every executor, a large one is shuffled. Examples and
     * their order are the same; {@link SparkSettings#replicatedBytes} says what is small.
     *
     * @param tasks how many may share the reading of a large one, at least 1
     */
    static Feed of(JavaSparkContext spark, Split split, int tasks) {
        long limit = new SparkSettings(spark.getConf()).replicatedBytes();
        return split.size() * split.format().size() <= limit
                ? new ReplicatedFeed(spark, split, Blocks.of(split, 1))
                : ShuffledFeed.of(spark, split, Blocks.of(split, tasks));
    }
}
