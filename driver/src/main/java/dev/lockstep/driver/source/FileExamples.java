package dev.lockstep.driver.source;

import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.source.SharedSplit;
import dev.lockstep.worker.source.Split;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;

/** Examples of which any task can read any range: their order is that of the files. */
public record FileExamples(Split split) implements ExampleSet {

    @Override
    public long size() {
        return split.size();
    }

    @Override
    public ExampleFormat format() {
        return split.format();
    }

    @Override
    public int bytesAnExample() {
        return split.bytesAnExample();
    }

    @Override
    public List<Block> first(long count) {
        return Ranges.of(count, bytesAnExample(), 1).all().stream()
                .map(range -> split.read(range[0], range[1]))
                .toList();
    }

    @Override
    public JavaRDD<Block> blocks(JavaSparkContext spark, int tasks) {
        Broadcast<SharedSplit> shared = spark.broadcast(new SharedSplit(split));
        List<long[]> ranges = Ranges.of(size(), bytesAnExample(), tasks).all();
        return spark.parallelize(ranges, Math.max(1, ranges.size()))
                .map(range -> shared.value().split().read(range[0], range[1]))
                .persist(StorageLevel.MEMORY_AND_DISK());
    }
}
