package dev.lockstep.driver.feed;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkConf;
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
        return List.of(
                new ReplicatedFeed(spark, new Made(size), Blocks.of(new Made(size), blocks)), shuffled(size, blocks));
    }

    private static ShuffledFeed shuffled(long size, int blocks) {
        return ShuffledFeed.of(spark, new Made(size), Blocks.of(new Made(size), blocks));
    }

    @Test
    void aSmallSplitIsReplicatedAndALargeOneShuffled() {
        SparkConf conf = spark.sc().conf();
        conf.set("spark.lockstep.replicate", "2100b"); // 7 bytes an example
        assertThat(Feed.of(spark, new Made(300), 2)).isInstanceOf(ReplicatedFeed.class);
        assertThat(Feed.of(spark, new Made(301), 2)).isInstanceOf(ShuffledFeed.class);
        assertThat(Feed.of(spark, new Made(0), 2)).isInstanceOf(ReplicatedFeed.class);
        conf.remove("spark.lockstep.replicate");
        assertThat(Feed.of(spark, new Made(301), 2)).isInstanceOf(ReplicatedFeed.class);
    }

    /** What is shuffled takes memory, what is looked up does not. */
    @Test
    void onlyAShuffleIsLimited() {
        try (Feed replicated = new ReplicatedFeed(spark, new Made(5), Blocks.of(new Made(5), 1));
                Feed shuffled = shuffled(5, 1)) {
            assertThat(replicated.stepsAtOnce(1 << 20)).isEqualTo(Long.MAX_VALUE);
            assertThat(shuffled.stepsAtOnce(1 << 20)).isEqualTo(64);
            assertThat(shuffled.stepsAtOnce(3 << 20)).isEqualTo(21);
            assertThat(shuffled.stepsAtOnce(1 << 30)).isEqualTo(1);
        }
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
                List<PlacedExamples> ofTasks = feed.arrange(placement).collect();
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

    /** Whatever the slots: so that one array holds a block of any data set. */
    @Test
    void blocksAreBounded() {
        for (Block block : ShuffledFeed.of(spark, new Made(301), Blocks.of(new Made(301), 2, 210))
                .blocks()
                .collect()) {
            assertThat(block.size()).isEqualTo(block.first() == 300 ? 1 : 30);
        }
        assertThat(Blocks.of(new Made(10), 1, 2).perBlock())
                .as("an example is not cut")
                .isEqualTo(1);
    }

    /** 5 GB over two slots. */
    @Test
    void aLargeSplitHasMoreBlocksThanTasks() {
        Feed feed = Feed.of(spark, new Made(5_000_000_000L / 7), 2);
        assertThat(((ShuffledFeed) feed).blocks().getNumPartitions()).isEqualTo(75);
        assertThat(((ShuffledFeed) feed).blocks().first().packed()).hasSize((64 << 20) / 7 * 7);
    }

    /** A block sends a task many records when it has many examples for it, and the last one may be short. */
    @Test
    void largeBlocksArriveWhole() {
        int size = 1500; // records hold 256
        BatchPlan plan = new BatchPlan(new SeedLaw(5), size, 100, 2, Sampling.EPOCH);
        for (int tasks : new int[] {1, 2}) {
            TrainingPlacement placement = new TrainingPlacement(plan, Subset.all(size), 0, 15, tasks);
            try (Feed feed = shuffled(size, 2)) {
                List<PlacedExamples> ofTasks = feed.arrange(placement).collect();
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
            List<PlacedExamples> ofTasks = feed.arrange(placement).collect();
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
                List<PlacedExamples> ofTasks = feed.arrange(placement).collect();
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
            List<PlacedExamples> ofTasks = feed.arrange(placement).collect();
            assertThat(ofTasks).hasSize(3);
            assertThat(ofTasks.get(0).between(0, 5)).hasSize(5);
            feed.close();
        }
        assertThat(List.of(placement.start(0), placement.start(1), placement.start(2), placement.start(3)))
                .containsExactly(0L, 5L, 5L, 5L);
    }
}
