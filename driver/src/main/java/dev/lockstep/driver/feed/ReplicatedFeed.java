package dev.lockstep.driver.feed;

import dev.lockstep.driver.spark.Jobs;
import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.feed.ReplicatedExamples;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.plan.Placement;
import dev.lockstep.worker.source.Split;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/** Every executor holds the whole split, so that no step has to wait for a shuffle: tasks look up what they need. */
final class ReplicatedFeed implements Feed {
    private final JavaSparkContext spark;
    private final Split split;
    private final Blocks blocks;
    private Broadcast<List<Block>> all;

    ReplicatedFeed(JavaSparkContext spark, Split split, Blocks blocks) {
        this.spark = spark;
        this.split = split;
        this.blocks = blocks;
    }

    @Override
    public JavaRDD<PlacedExamples> arrange(Placement placement) {
        if (all == null) {
            all = spark.broadcast(blocks.ranges().stream()
                    .map(range -> split.read(range[0], range[1]))
                    .toList());
        }
        Broadcast<List<Block>> shared = all;
        int perBlock = blocks.perBlock();
        List<Integer> tasks = IntStream.range(0, placement.tasks()).boxed().toList();
        return spark.parallelize(tasks, tasks.size()).map(task -> new ReplicatedExamples(shared, perBlock, placement));
    }

    @Override
    public boolean everywhere() {
        return true;
    }

    /** An arrangement holds nothing. */
    @Override
    public long stepsAtOnce(long bytesAStep) {
        return Long.MAX_VALUE;
    }

    @Override
    public void close() {
        if (all != null) {
            Jobs.delete(spark, all);
        }
    }
}
