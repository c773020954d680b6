package dev.lockstep.driver.feed;

import dev.lockstep.driver.source.ExampleSet;
import dev.lockstep.driver.spark.Jobs;
import dev.lockstep.driver.spark.Releases;
import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.feed.ReplicatedExamples;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.plan.Placement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/** Every executor holds all examples, so that no step has to wait for a shuffle: tasks look up what they need. */
final class ReplicatedFeed implements Feed {
    private final JavaSparkContext spark;
    private final ExampleSet examples;
    private Broadcast<List<Block>> all;
    private long[] firsts;

    ReplicatedFeed(JavaSparkContext spark, ExampleSet examples) {
        this.spark = spark;
        this.examples = examples;
    }

    @Override
    public JavaRDD<PlacedExamples> arrange(Placement placement) {
        if (all == null) {
            List<Block> blocks = new ArrayList<>(examples.first(examples.size())); // a list that Kryo can make, too
            firsts = blocks.stream().mapToLong(Block::first).toArray();
            all = Jobs.broadcast(spark, blocks);
        }
        Broadcast<List<Block>> shared = all;
        long[] begins = firsts;
        List<Integer> tasks = IntStream.range(0, placement.tasks()).boxed().toList();
        return spark.parallelize(tasks, tasks.size()).map(task -> new ReplicatedExamples(shared, begins, placement));
    }

    @Override
    public boolean everywhere() {
        return true;
    }

    @Override
    public void close() {
        if (all != null) {
            Releases.release(all);
        }
    }
}
