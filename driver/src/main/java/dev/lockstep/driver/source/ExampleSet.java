package dev.lockstep.driver.source;

import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.table.Count;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;

/** Examples of a data set in an order of their own, wherever they lie. */
public interface ExampleSet {

    /** How many there are. */
    long size();

    /** What they are. */
    ExampleFormat format();

    /** About how many bytes the longest of them takes, packed. */
    default int bytesAnExample() {
        return format().size();
    }

    /**
     * The first of them, to the driver: to look at, or to hand to everyone when all of them are few.
     *
     * @param count at most {@link #size}, of at most 2 GiB
     * @return in order, beginning with example 0
     */
    List<Block> first(long count);

    /** The same, one by one. */
    default List<byte[]> firstPacked(long count) {
        return first(count).stream()
                .flatMap(block -> LongStream.range(block.first(), block.first() + block.size())
                        .mapToObj(block::packed))
                .toList();
    }

    /**
     * All of them, each in one block of at most some MiB, for the tasks.
     *
     * @param tasks how many tasks may share the reading, at least 1
     * @return kept by the cluster
     */
    JavaRDD<Block> blocks(JavaSparkContext spark, int tasks);

    /** The rows that were left out when they were opened, because they are no examples. */
    default Count.Bad skipped() {
        return Count.NONE.skipped();
    }

    /** Frees what the cluster keeps of them, and of those that were opened with them. */
    default void forget() {}
}
