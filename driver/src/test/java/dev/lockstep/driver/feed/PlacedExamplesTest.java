package dev.lockstep.driver.feed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.driver.plan.BatchPlan;
import dev.lockstep.driver.plan.Sampling;
import dev.lockstep.driver.source.Split;
import dev.lockstep.worker.data.ExampleBlock;
import dev.lockstep.worker.seed.SeedLaw;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Spark's shuffle brings every example to where the placement says. */
class PlacedExamplesTest {
    private static JavaSparkContext spark;

    @BeforeAll
    static void startSpark() {
        spark = new JavaSparkContext(new SparkConf()
                .setMaster("local[2]")
                .setAppName("PlacedExamplesTest")
                .set("spark.ui.enabled", "false")
                .set("spark.default.parallelism", "7")); // must have no say
    }

    @AfterAll
    static void stopSpark() {
        spark.stop();
    }

    /** Example i has the label i % 5 and the bytes i, i / 256, 7. */
    private record Made(long size) implements Split {
        @Override
        public ExampleBlock read(long from, long to) {
            int count = (int) (to - from);
            int[] labels = new int[count];
            byte[] values = new byte[3 * count];
            for (int i = 0; i < count; i++) {
                labels[i] = (int) ((from + i) % 5);
                values[3 * i] = (byte) (from + i);
                values[3 * i + 1] = (byte) ((from + i) / 256);
                values[3 * i + 2] = 7;
            }
            return new ExampleBlock(from, 3, labels, values);
        }
    }

    private static byte[] packed(long index) {
        return new Made(index + 1).read(index, index + 1).packed(index);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 10})
    void blocksCoverTheSplitOnce(int partitions) {
        JavaRDD<ExampleBlock> blocks = PlacedExamples.blocks(spark, new Made(301), partitions);
        assertThat(blocks.getNumPartitions()).isEqualTo(partitions);
        long next = 0;
        for (ExampleBlock block : blocks.collect()) {
            assertThat(block.first()).isEqualTo(next);
            next += block.size();
        }
        assertThat(next).isEqualTo(301);
        blocks.unpersist();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void everythingLandsWhereThePlacementSays(int tasks) {
        Subset subset = Subset.training(new SeedLaw(5), 300, 0.1);
        for (Sampling sampling : Sampling.values()) {
            BatchPlan plan = new BatchPlan(new SeedLaw(5), subset.size(), 64, 5, sampling);
            TrainingPlacement placement = new TrainingPlacement(plan, subset, 3, 7, tasks); // over an epoch's end
            JavaRDD<ExampleBlock> blocks = PlacedExamples.blocks(spark, new Made(300), 4);
            JavaRDD<PlacedExamples> arranged = PlacedExamples.arrange(blocks, placement);
            List<PlacedExamples> ofTasks = arranged.collect();
            assertThat(arranged.getNumPartitions()).isEqualTo(tasks);
            assertThat(ofTasks).hasSize(tasks);

            Map<Long, byte[]> found = new HashMap<>();
            for (int task = 0; task < tasks; task++) {
                PlacedExamples examples = ofTasks.get(task);
                assertThat(examples.places()).isSorted().hasSameSizeAs(examples.packed());
                for (int i = 0; i < examples.places().length; i++) {
                    assertThat(placement.task(examples.places()[i])).isEqualTo(task);
                    found.put(examples.places()[i], examples.packed()[i]);
                }
            }
            int expected = 0;
            for (long place = placement.from(); place < placement.to(); place++) {
                if (placement.example(place) != Placement.NONE) {
                    assertThat(found.get(place)).isEqualTo(packed(placement.example(place)));
                    expected++;
                }
            }
            assertThat(found).hasSize(expected);
            blocks.unpersist();
            arranged.unpersist();
        }
    }

    /** The shards of a step hold the same examples in the same order, however many tasks and blocks there are. */
    @Test
    void shardsDoNotDependOnTheCluster() {
        BatchPlan plan = new BatchPlan(new SeedLaw(8), 300, 40, 6, Sampling.EPOCH);
        List<List<List<byte[]>>> byCluster = new ArrayList<>();
        for (int[] tasksAndBlocks : new int[][] {{1, 1}, {2, 3}, {3, 8}, {6, 2}}) {
            TrainingPlacement placement = new TrainingPlacement(plan, Subset.all(300), 5, 9, tasksAndBlocks[0]);
            JavaRDD<ExampleBlock> blocks = PlacedExamples.blocks(spark, new Made(300), tasksAndBlocks[1]);
            JavaRDD<PlacedExamples> arranged = PlacedExamples.arrange(blocks, placement);
            List<PlacedExamples> ofTasks = arranged.collect();
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
            blocks.unpersist();
            arranged.unpersist();
        }
        List<List<byte[]>> first = byCluster.get(0);
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
    void aTaskWithoutExamplesIsAnEmptyElement() {
        EvaluationPlacement placement = new EvaluationPlacement(Subset.all(5), 5, 3);
        JavaRDD<ExampleBlock> blocks = PlacedExamples.blocks(spark, new Made(5), 2);
        JavaRDD<PlacedExamples> arranged = PlacedExamples.arrange(blocks, placement);
        assertThat(arranged.collect().stream().map(examples -> examples.places().length))
                .containsExactly(5, 0, 0);
        blocks.unpersist();
        arranged.unpersist();
    }

    @Test
    void betweenTakesWhatIsThere() {
        byte[][] packed = {{1}, {2}, {3}};
        PlacedExamples examples = new PlacedExamples(new long[] {10, 12, 13}, packed);
        assertThat(examples.between(10, 14)).containsExactly(packed);
        assertThat(examples.between(10, 12)).containsExactly(packed[0]);
        assertThat(examples.between(11, 13)).containsExactly(packed[1]);
        assertThat(examples.between(0, 10)).isEmpty();
        assertThat(examples.between(14, 20)).isEmpty();
        assertThat(examples.between(12, 12)).isEmpty();
    }
}
