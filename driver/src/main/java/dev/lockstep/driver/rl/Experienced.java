package dev.lockstep.driver.rl;

import dev.lockstep.driver.source.ExampleSet;
import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.model.ExampleFormat;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;

/** Examples in the driver's memory. */
record Experienced(ExampleFormat format, List<byte[]> packed) implements ExampleSet {
    /** Some MiB. */
    private static final int BLOCK_BYTES = 4 << 20;

    @Override
    public long size() {
        return packed.size();
    }

    @Override
    public List<Block> first(long count) {
        return List.of(Block.of(0, packed.subList(0, Math.toIntExact(count))));
    }

    @Override
    public JavaRDD<Block> blocks(JavaSparkContext spark, int tasks) {
        int each = Math.max(1, BLOCK_BYTES / format.size());
        List<Block> blocks = new ArrayList<>();
        for (int from = 0; from < packed.size(); from += each) {
            blocks.add(Block.of(from, packed.subList(from, Math.min(packed.size(), from + each))));
        }
        return spark.parallelize(blocks, Math.min(blocks.size(), tasks)).cache();
    }
}
