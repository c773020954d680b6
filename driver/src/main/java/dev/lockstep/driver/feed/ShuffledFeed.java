package dev.lockstep.driver.feed;

import dev.lockstep.driver.source.Split;
import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.plan.Placement;
import java.io.ByteArrayOutputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;
import scala.Tuple2;

/**
 * Spark's shuffle brings each task the examples of its places: for data that no executor could hold.
 *
 * @param blocks all examples, each in one block, whatever the order; cached
 */
public record ShuffledFeed(JavaRDD<Block> blocks) implements Feed {
    private static final long BYTES_AT_ONCE = 64L << 20;

    /** What a task was sent, the places ascending. */
    private record Sorted(long[] places, byte[][] packed) implements PlacedExamples {
        @Override
        public List<byte[]> between(long from, long to) {
            return Arrays.asList(packed).subList(lowerBound(from), lowerBound(to));
        }

        private int lowerBound(long place) {
            int found = Arrays.binarySearch(places, place);
            return found >= 0 ? found : -found - 1;
        }
    }

    /** Of a split as cached blocks, read once by the tasks themselves. */
    static ShuffledFeed of(JavaSparkContext spark, Split split, Blocks blocks) {
        List<long[]> ranges = blocks.ranges();
        return new ShuffledFeed(spark.parallelize(ranges, Math.max(1, ranges.size()))
                .map(range -> split.read(range[0], range[1]))
                .persist(StorageLevel.MEMORY_AND_DISK()));
    }

    @Override
    public JavaRDD<PlacedExamples> arrange(Placement placement) {
        return blocks.flatMapToPair(block -> parcels(block, placement))
                .partitionBy(new HashPartitioner(placement.tasks()))
                .values()
                .mapPartitions(parcels -> List.of(merged(parcels)).iterator())
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

    /** What a block has for each task. */
    static Iterator<Tuple2<Integer, Parcel>> parcels(Block block, Placement placement) {
        Map<Integer, Map<Long, byte[]>> open = new TreeMap<>();
        List<Tuple2<Integer, Parcel>> closed = new ArrayList<>();
        for (long place = placement.from(); place < placement.to(); place++) {
            long example = placement.example(place);
            if (example != Placement.NONE && block.contains(example)) {
                int task = placement.task(place);
                Map<Long, byte[]> examples = open.computeIfAbsent(task, any -> new TreeMap<>());
                byte[] placed = block.packed(example);
                examples.put(place, placed);
                if (examples.size() == Parcel.most(placed.length)) {
                    closed.add(new Tuple2<>(task, Parcel.of(open.remove(task))));
                }
            }
        }
        open.forEach((task, examples) -> closed.add(new Tuple2<>(task, Parcel.of(examples))));
        return closed.iterator();
    }

    private static PlacedExamples merged(Iterator<Parcel> parcels) {
        Map<Long, byte[]> all = new TreeMap<>();
        parcels.forEachRemaining(parcel -> parcel.unpack(all));
        return new Sorted(placesOf(all), all.values().toArray(byte[][]::new));
    }

    private static long[] placesOf(Map<Long, byte[]> examples) {
        return examples.keySet().stream().mapToLong(Long::longValue).toArray();
    }

    /**
     * Some examples of a task in one record: Java's serialization takes longer for an object than for its bytes.
     *
     * @param ends where in {@code packed} each example ends, {@code [examples]}
     */
    record Parcel(long[] places, int[] ends, byte[] packed) implements Serializable {
        private static final int EXAMPLES = 256;
        private static final int BYTES = 4 << 20;

        /** How many examples of a size make a full parcel. */
        static int most(int bytesAnExample) {
            return Math.max(1, Math.min(EXAMPLES, BYTES / bytesAnExample));
        }

        static Parcel of(Map<Long, byte[]> examples) {
            int[] ends = new int[examples.size()];
            int count = 0;
            ByteArrayOutputStream packed = new ByteArrayOutputStream();
            for (byte[] example : examples.values()) {
                packed.writeBytes(example);
                ends[count++] = packed.size();
            }
            return new Parcel(placesOf(examples), ends, packed.toByteArray());
        }

        void unpack(Map<Long, byte[]> into) {
            for (int i = 0; i < places.length; i++) {
                into.put(places[i], Arrays.copyOfRange(packed, i == 0 ? 0 : ends[i - 1], ends[i]));
            }
        }
    }
}
