package dev.lockstep.driver.feed;

import dev.lockstep.driver.source.Split;
import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.data.ExampleBlock;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;
import scala.Tuple2;

/**
 * The examples of one task, in the order of their places, after Spark's shuffle brought them together.
 *
 * @param places ascending
 * @param packed the example at each place, as {@link Block#packed} makes them
 */
public record PlacedExamples(long[] places, byte[][] packed) implements Serializable {

    /** The examples at places {@code [from, to)}. */
    public List<byte[]> between(long from, long to) {
        return Arrays.asList(packed).subList(lowerBound(from), lowerBound(to));
    }

    private int lowerBound(long place) {
        int found = Arrays.binarySearch(places, place);
        return found >= 0 ? found : -found - 1;
    }

    /**
     * A split as cached blocks, read once by the tasks themselves.
     *
     * @param partitions how many tasks share the reading, at least 1
     */
    public static JavaRDD<ExampleBlock> blocks(JavaSparkContext spark, Split split, int partitions) {
        List<long[]> ranges = new ArrayList<>();
        for (int i = 0; i < partitions; i++) {
            ranges.add(new long[] {split.size() * i / partitions, split.size() * (i + 1) / partitions});
        }
        return spark.parallelize(ranges, partitions)
                .map(range -> split.read(range[0], range[1]))
                .persist(StorageLevel.MEMORY_AND_DISK());
    }

    /** One element a task: its examples in order. Cached, so that step after step can be taken from it. */
    public static <B extends Block> JavaRDD<PlacedExamples> arrange(JavaRDD<B> blocks, Placement placement) {
        JavaPairRDD<Long, byte[]> placed = blocks.flatMapToPair(block -> placesOf(block, placement));
        return placed.repartitionAndSortWithinPartitions(new ByTask(placement))
                .mapPartitions(PlacedExamples::gather, true)
                .persist(StorageLevel.MEMORY_AND_DISK());
    }

    private static Iterator<Tuple2<Long, byte[]>> placesOf(Block block, Placement placement) {
        List<Tuple2<Long, byte[]>> found = new ArrayList<>();
        for (long place = placement.from(); place < placement.to(); place++) {
            long example = placement.example(place);
            if (example != Placement.NONE && block.contains(example)) {
                found.add(new Tuple2<>(place, block.packed(example)));
            }
        }
        return found.iterator();
    }

    private static Iterator<PlacedExamples> gather(Iterator<Tuple2<Long, byte[]>> sorted) {
        List<Long> places = new ArrayList<>();
        List<byte[]> packed = new ArrayList<>();
        while (sorted.hasNext()) {
            Tuple2<Long, byte[]> next = sorted.next();
            places.add(next._1());
            packed.add(next._2());
        }
        long[] array = places.stream().mapToLong(Long::longValue).toArray();
        return List.of(new PlacedExamples(array, packed.toArray(byte[][]::new))).iterator();
    }

    private static final class ByTask extends Partitioner {
        private static final long serialVersionUID = 1L;

        private final Placement placement;

        ByTask(Placement placement) {
            this.placement = placement;
        }

        @Override
        public int numPartitions() {
            return placement.tasks();
        }

        @Override
        public int getPartition(Object place) {
            return placement.task((Long) place);
        }
    }
}
