package dev.lockstep.driver.feed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.driver.source.ExampleSet;
import dev.lockstep.driver.source.FileExamples;
import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.plan.BatchPlan;
import dev.lockstep.worker.plan.EvaluationPlacement;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.plan.Placement;
import dev.lockstep.worker.plan.Sampling;
import dev.lockstep.worker.plan.Subset;
import dev.lockstep.worker.plan.TrainingPlacement;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.source.Split;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.ShuffleDependency;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every example comes to where the placement says. */
class FeedTest {
    private static JavaSparkContext spark;

    @BeforeAll
    static void startSpark() {
        spark = new JavaSparkContext(new SparkConf()
                .setMaster("local[2]")
                .setAppName("FeedTest")
                .set("spark.ui.enabled", "false")
                .set("spark.default.parallelism", "7")); // must have no say
    }

    @AfterAll
    static void stopSpark() {
        spark.stop();
    }

    private static final ExampleFormat FORMAT = ExampleFormat.bytes(Shape.vector(3), 5);

    /** Example i has the label i % 5 and the bytes i, i / 256, 7. */
    private record Made(long size) implements Split {
        @Override
        public ExampleFormat format() {
            return FORMAT;
        }

        @Override
        public Block read(long from, long to) {
            int count = (int) (to - from);
            int[] labels = new int[count];
            byte[] values = new byte[3 * count];
            for (int i = 0; i < count; i++) {
                labels[i] = (int) ((from + i) % 5);
                values[3 * i] = (byte) (from + i);
                values[3 * i + 1] = (byte) ((from + i) / 256);
                values[3 * i + 2] = 7;
            }
            return Block.of(FORMAT, from, labels, values);
        }
    }

    private static byte[] packed(long index) {
        return new Made(index + 1).read(index, index + 1).packed(index);
    }

    /** Both kinds of feed, of some examples; a shuffled one of so many blocks. */
    private static List<Feed> feeds(long size, int blocks) {
        return List.of(new ReplicatedFeed(spark, examples(size)), shuffled(size, blocks));
    }

    private static ExampleSet examples(long size) {
        return new FileExamples(new Made(size));
    }

    private static ShuffledFeed shuffled(long size, int blocks) {
        return new ShuffledFeed(examples(size).blocks(spark, blocks), FORMAT.size());
    }

    /** What each task finds at the places of a placement. */
    private record Found(TreeMap<Long, byte[]> at) implements PlacedExamples, Serializable {
        static List<PlacedExamples> by(Feed feed, Placement placement) {
            long from = placement.from();
            long to = placement.to();
            JavaRDD<PlacedExamples> arranged = feed.arrange(placement);
            List<Found> found = arranged.map(examples -> {
                        TreeMap<Long, byte[]> at = new TreeMap<>();
                        for (long place = from; place < to; place++) {
                            for (byte[] example : examples.between(place, place + 1)) {
                                at.put(place, example);
                            }
                        }
                        return new Found(at);
                    })
                    .collect();
            arranged.unpersist(false);
            return List.copyOf(found);
        }

        @Override
        public List<byte[]> between(long from, long to) {
            return List.copyOf(at.subMap(from, to).values());
        }
    }

    @Test
    void aSmallSplitIsReplicatedAndALargeOneShuffled() {
        SparkConf conf = spark.sc().conf();
        conf.set("spark.lockstep.replicate", "2100b"); // 7 bytes an example
        assertThat(Feed.of(spark, examples(300), 2)).isInstanceOf(ReplicatedFeed.class);
        assertThat(Feed.of(spark, examples(301), 2)).isInstanceOf(ShuffledFeed.class);
        assertThat(Feed.of(spark, examples(0), 2)).isInstanceOf(ReplicatedFeed.class);
        conf.remove("spark.lockstep.replicate");
        assertThat(Feed.of(spark, examples(301), 2)).isInstanceOf(ReplicatedFeed.class);
    }

    /** A split that says how often it was brought somewhere. */
    private static final class Counted implements Split {
        private static final long serialVersionUID = 1L;
        private static final AtomicInteger BROUGHT = new AtomicInteger();

        @Override
        public long size() {
            return 20;
        }

        @Override
        public ExampleFormat format() {
            return FORMAT;
        }

        @Override
        public Block read(long from, long to) {
            return new Made(size()).read(from, to);
        }

        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            in.defaultReadObject();
            BROUGHT.incrementAndGet();
        }
    }

    /** One of a text holds the text: with each task it would be read again. */
    @Test
    void tasksShareASplit() {
        JavaRDD<Block> blocks = new FileExamples(new Counted()).blocks(spark, 10);
        Counted.BROUGHT.set(0);
        assertThat(blocks.map(Block::size).collect()).hasSize(10).containsOnly(2);
        assertThat(Counted.BROUGHT.get()).isLessThanOrEqualTo(1);
        blocks.unpersist();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 10})
    void blocksCoverTheSplitOnce(int partitions) {
        try (ShuffledFeed feed = shuffled(301, partitions)) {
            assertThat(feed.blocks().getNumPartitions()).isEqualTo(partitions);
            long next = 0;
            for (Block block : feed.blocks().collect()) {
                assertThat(block.first()).isEqualTo(next);
                next += block.size();
            }
            assertThat(next).isEqualTo(301);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void everythingLandsWhereThePlacementSays(int tasks) {
        Subset subset = Subset.training(new SeedLaw(5), 300, 0.1);
        for (Sampling sampling : Sampling.values()) {
            BatchPlan plan = new BatchPlan(new SeedLaw(5), subset.size(), 64, 5, sampling);
            TrainingPlacement placement = new TrainingPlacement(plan, subset, 3, 7, tasks); // over an epoch's end
            for (Feed feed : feeds(300, 4)) {
                List<PlacedExamples> ofTasks = Found.by(feed, placement);
                assertThat(ofTasks).hasSize(tasks);
                for (long place = placement.from(); place < placement.to(); place++) {
                    long example = placement.example(place);
                    if (example == Placement.NONE) {
                        assertThat(ofTasks.get(0).between(place, place + 1)).isEmpty();
                    } else {
                        assertThat(ofTasks.get(placement.task(place)).between(place, place + 1))
                                .containsExactly(packed(example));
                    }
                }
                feed.close();
            }
        }
    }

    /** 5 GB over two slots. */
    @Test
    void aLargeSplitHasMoreBlocksThanTasks() {
        Feed feed = Feed.of(spark, examples(5_000_000_000L / 7), 2);
        assertThat(((ShuffledFeed) feed).blocks().getNumPartitions()).isEqualTo(299);
        assertThat(((ShuffledFeed) feed).blocks().first().packed()).hasSize((16 << 20) / 7 * 7);
    }

    /** A block sends a task many records when it has many examples for it, and the last one may be short. */
    @Test
    void largeBlocksArriveWhole() {
        int size = 1500; // records hold 256
        BatchPlan plan = new BatchPlan(new SeedLaw(5), size, 100, 2, Sampling.EPOCH);
        for (int tasks : new int[] {1, 2}) {
            TrainingPlacement placement = new TrainingPlacement(plan, Subset.all(size), 0, 15, tasks);
            try (Feed feed = shuffled(size, 2)) {
                List<PlacedExamples> ofTasks = Found.by(feed, placement);
                for (long place = 0; place < size; place++) {
                    assertThat(ofTasks.get(placement.task(place)).between(place, place + 1))
                            .containsExactly(packed(placement.example(place)));
                }
                assertThat(ofTasks.stream()
                                .mapToInt(task -> task.between(0, size).size()))
                        .allMatch(count -> count == size / tasks);
            }
        }
    }

    /** What a task is not sent it does not hold. */
    @Test
    void theShuffleSendsEachExampleToItsTaskAlone() {
        BatchPlan plan = new BatchPlan(new SeedLaw(5), 300, 60, 2, Sampling.EPOCH);
        TrainingPlacement placement = new TrainingPlacement(plan, Subset.all(300), 0, 5, 2);
        try (Feed feed = shuffled(300, 3)) {
            List<PlacedExamples> ofTasks = Found.by(feed, placement);
            assertThat(ofTasks.get(0).between(0, 300)).hasSize(150);
            assertThat(ofTasks.get(1).between(0, 300)).hasSize(150);
            assertThat(ofTasks.get(0).between(0, 60)).hasSize(30);
            assertThat(ofTasks.get(0).between(30, 60)).isEmpty();
        }
    }

    /** The shards of a step hold the same examples in the same order, however many tasks and blocks there are. */
    @Test
    void shardsDoNotDependOnTheCluster() {
        BatchPlan plan = new BatchPlan(new SeedLaw(8), 300, 40, 6, Sampling.EPOCH);
        List<List<List<byte[]>>> byCluster = new ArrayList<>();
        for (int[] tasksAndBlocks : new int[][] {{1, 1}, {2, 3}, {3, 8}, {6, 2}}) {
            TrainingPlacement placement = new TrainingPlacement(plan, Subset.all(300), 5, 9, tasksAndBlocks[0]);
            for (Feed feed : feeds(300, tasksAndBlocks[1])) {
                List<PlacedExamples> ofTasks = Found.by(feed, placement);
                List<List<byte[]>> shards = new ArrayList<>();
                for (long step = 5; step < 9; step++) {
                    for (int shard = 0; shard < 6; shard++) {
                        int task = 0;
                        while (placement.shards(task).to() <= shard) {
                            task++;
                        }
                        shards.add(placement.shard(ofTasks.get(task), step, shard));
                    }
                }
                byCluster.add(shards);
                feed.close();
            }
        }
        List<List<byte[]>> first = byCluster.get(0);
        assertThat(byCluster).hasSize(8);
        assertThat(first).hasSize(24);
        for (List<List<byte[]>> shards : byCluster) {
            for (int i = 0; i < 24; i++) {
                assertThat(shards.get(i).toArray(byte[][]::new))
                        .isDeepEqualTo(first.get(i).toArray(byte[][]::new));
            }
        }
    }

    /** A task without an example is still there: a gang counts its members. */
    @Test
    void aTaskWithoutExamplesIsAnElement() {
        EvaluationPlacement placement = new EvaluationPlacement(Subset.all(5), 5, 3);
        for (Feed feed : feeds(5, 2)) {
            List<PlacedExamples> ofTasks = Found.by(feed, placement);
            assertThat(ofTasks).hasSize(3);
            assertThat(ofTasks.get(0).between(0, 5)).hasSize(5);
            feed.close();
        }
        assertThat(List.of(placement.start(0), placement.start(1), placement.start(2), placement.start(3)))
                .containsExactly(0L, 5L, 5L, 5L);
    }

    /** Of 8 KiB each, which begin with their number. */
    private record LargeExamples() implements Split {
        private static final long SIZE = 1 << 13;
        private static final ExampleFormat FORMAT = ExampleFormat.bytes(Shape.vector(1 << 13), 2);

        @Override
        public long size() {
            return SIZE;
        }

        @Override
        public ExampleFormat format() {
            return FORMAT;
        }

        @Override
        public Block read(long from, long to) {
            int[] labels = new int[(int) (to - from)];
            byte[] values = new byte[labels.length << 13];
            for (int i = 0; i < labels.length; i++) {
                values[i << 13] = (byte) (from + i);
                values[(i << 13) + 1] = (byte) ((from + i) >> 8);
            }
            return Block.of(FORMAT, from, labels, values);
        }
    }

    /** A shuffle reads everything once for an epoch, however little a task holds of it at a time. */
    @Test
    void chunksAreStreamedInWhateverOrderTheyAreAskedFor() {
        int size = (int) LargeExamples.SIZE;
        BatchPlan plan = new BatchPlan(new SeedLaw(5), size, 64, 2, Sampling.EPOCH);
        TrainingPlacement placement = new TrainingPlacement(plan, Subset.all(size), 0, 128, 2);
        try (ShuffledFeed feed =
                new ShuffledFeed(new FileExamples(new LargeExamples()).blocks(spark, 2), LargeExamples.FORMAT.size())) {
            JavaRDD<PlacedExamples> arranged = feed.arrange(placement);
            assertThat(arranged.getNumPartitions()).isEqualTo(2);
            assertThat(((ShuffleDependency<?, ?, ?>)
                                    arranged.rdd().dependencies().apply(0))
                            .partitioner()
                            .numPartitions())
                    .as("64 MiB in chunks of 16 MiB a task")
                    .isEqualTo(4);
            List<List<Integer>> wrong = arranged.mapPartitionsWithIndex(
                            (task, examples) -> List.of(wrong(placement, task, examples.next()))
                                    .iterator(),
                            true)
                    .collect();
            assertThat(wrong).containsExactly(List.of(), List.of());
            arranged.unpersist(true);
        }
    }

    /** An evaluation's tasks have their places side by side: none has a share of every chunk. */
    @Test
    void anEvaluationIsShuffledToAsManyPartitionsAsItHasChunksAndBordersOfTasks() {
        EvaluationPlacement placement = new EvaluationPlacement(Subset.all(LargeExamples.SIZE), 250, 3);
        try (ShuffledFeed feed =
                new ShuffledFeed(new FileExamples(new LargeExamples()).blocks(spark, 2), LargeExamples.FORMAT.size())) {
            JavaRDD<PlacedExamples> arranged = feed.arrange(placement);
            assertThat(((ShuffleDependency<?, ?, ?>)
                                    arranged.rdd().dependencies().apply(0))
                            .partitioner()
                            .numPartitions())
                    .as("64 MiB in chunks of 16 MiB, over two borders between tasks")
                    .isEqualTo(4 + 2);
            List<Long> found = arranged.mapPartitionsWithIndex(
                            (task, part) -> {
                                PlacedExamples examples = part.next();
                                long right = 0;
                                for (long i = placement.start(task); i < placement.start(task + 1); i++) {
                                    byte[] packed = examples.between(i, i + 1).get(0);
                                    right += packed[4] == (byte) i && packed[5] == (byte) (i >> 8) ? 1 : 0;
                                }
                                return List.of(right).iterator();
                            },
                            true)
                    .collect();
            assertThat(found.stream().mapToLong(Long::longValue).sum()).isEqualTo(LargeExamples.SIZE);
            arranged.unpersist(true);
        }
    }

    private static List<Integer> wrong(TrainingPlacement placement, int task, PlacedExamples examples) {
        List<Integer> wrong = new ArrayList<>();
        for (int step : new int[] {0, 1, 70, 127, 2, 64, 63}) {
            List<byte[]> found = placement.shard(examples, step, task);
            for (int i = 0; i < found.size(); i++) {
                long example = placement.example(step * 64L + task * 32 + i);
                if (found.get(i)[4] != (byte) example || found.get(i)[5] != (byte) (example >> 8)) {
                    wrong.add(step);
                }
            }
        }
        if (placement.shards(task).to() == 2) {
            return wrong;
        }
        return examples.between(62 * 64 + 5, 62 * 64 + 9).size() == 4 ? wrong : List.of(-1);
    }
}
