package dev.lockstep.driver.feed;

import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.feed.Parcel;
import dev.lockstep.worker.feed.ShuffledExamples;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.plan.Placement;
import dev.lockstep.worker.source.Split;
import java.util.List;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;

/**
 * Spark's shuffle brings each task the examples of its places: for data that no executor could hold.
 *
 * @param blocks all examples, each in one block, whatever the order; cached
 */
public record ShuffledFeed(JavaRDD<Block> blocks) implements Feed {
    private static final long BYTES_AT_ONCE = 64L << 20;

    /** Of a split as cached blocks, read once by the tasks themselves. */
    static ShuffledFeed of(JavaSparkContext spark, Split split, Blocks blocks) {
        List<long[]> ranges = blocks.ranges();
        return new ShuffledFeed(spark.parallelize(ranges, Math.max(1, ranges.size()))
                .map(range -> split.read(range[0], range[1]))
                .persist(StorageLevel.MEMORY_AND_DISK()));
    }

    @Override
    public JavaRDD<PlacedExamples> arrange(Placement placement) {
        return blocks.flatMap(block -> Parcel.of(block, placement))
                .keyBy(Parcel::task)
                .partitionBy(new HashPartitioner(placement.tasks()))
                .values()
                .mapPartitions(parcels ->
                        List.<PlacedExamples>of(ShuffledExamples.of(parcels)).iterator())
                .persist(StorageLevel.MEMORY_AND_DISK()); // so that step after step can be taken from it
    }

    @Override
    public boolean everywhere() {
        return false;
    }

    @Override
    public long stepsAtOnce(long bytesAStep) {
        return Math.max(1, BYTES_AT_ONCE / bytesAStep);
    }

    @Override
    public void close() {
        blocks.unpersist(false);
    }
}
