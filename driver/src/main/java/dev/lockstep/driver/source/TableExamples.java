package dev.lockstep.driver.source;

import dev.lockstep.driver.spark.Jobs;
import dev.lockstep.driver.spark.Releases;
import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.table.Count;
import dev.lockstep.worker.table.Moments;
import dev.lockstep.worker.table.PartBlock;
import dev.lockstep.worker.table.PartOf;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * A part of a table's rows, in the order of their keys. The cluster keeps them, packed, in memory and on disk.
 *
 * @param sorted all of the table
 * @param part the blocks that are meant, and their numbers
 */
record TableExamples(JavaRDD<PartBlock> sorted, PartOf part, long size, ExampleFormat format, Count.Bad skipped)
        implements ExampleSet {
    private static final Duration DEADLINE = Duration.ofHours(2);

    @Override
    public List<Block> first(long count) {
        PartOf wanted = new PartOf(part.part(), part.firsts(), count);
        JavaSparkContext spark = JavaSparkContext.fromSparkContext(sorted.context());
        return Jobs.collect(spark, sorted.mapPartitionsWithIndex(wanted, true), "read the table", DEADLINE).stream()
                .sorted(Comparator.comparingLong(Block::first))
                .toList();
    }

    /** What there is to know of their features to scale them, the same on any cluster. */
    Moments moments() {
        JavaSparkContext spark = JavaSparkContext.fromSparkContext(sorted.context());
        int tasks = Math.min(sorted.getNumPartitions(), spark.defaultParallelism());
        ExampleFormat of = format;
        long end = size;
        JavaRDD<Moments> parts = blocks(spark, tasks)
                .coalesce(tasks) // each part's are sent to the driver
                .mapPartitions(blocks -> List.of(Moments.of(blocks, of, end)).iterator());
        return Jobs.collect(spark, parts, "find out how features are scaled", DEADLINE).stream()
                .reduce(Moments::plus)
                .orElseThrow();
    }

    @Override
    public JavaRDD<Block> blocks(JavaSparkContext spark, int tasks) {
        return sorted.mapPartitionsWithIndex(part, true);
    }

    @Override
    public void forget() {
        Releases.release(sorted);
    }
}
