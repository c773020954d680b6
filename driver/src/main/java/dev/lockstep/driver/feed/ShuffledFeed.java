package dev.lockstep.driver.feed;

import dev.lockstep.driver.spark.Releases;
import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.feed.ArrangedExamples;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.plan.Placement;
import org.apache.spark.api.java.JavaRDD;

/**
 * Spark's shuffle brings each task the examples of its places: for data that no executor could hold. An arrangement reads
 * all of them once.
 *
 * @param blocks all examples, each in one block, whatever the order
 * @param bytesAnExample about
 */
public record ShuffledFeed(JavaRDD<Block> blocks, int bytesAnExample) implements Feed {

    @Override
    public JavaRDD<PlacedExamples> arrange(Placement placement) {
        return ArrangedExamples.of(blocks, placement, bytesAnExample);
    }

    @Override
    public boolean everywhere() {
        return false;
    }

    @Override
    public void close() {
        Releases.release(blocks);
    }
}
