package dev.lockstep.driver.rl;

import dev.lockstep.driver.spark.Jobs;
import dev.lockstep.driver.spark.SparkApplication;
import dev.lockstep.worker.rl.Asked;
import dev.lockstep.worker.rl.Brain;
import dev.lockstep.worker.rl.Episode;
import dev.lockstep.worker.rl.Rollout;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Has Spark's tasks act, and answer.
 *
 * @param wanted how many tasks at most; 0 for as many as there are slots
 */
record Actors(JavaSparkContext spark, int wanted) {
    private static final Duration DEADLINE = Duration.ofMinutes(30);

    /** How many tasks can work at the same time now. */
    int tasks() {
        return wanted > 0 ? wanted : Math.max(1, SparkApplication.slots(spark));
    }

    /** All episodes, in order of their numbers. */
    List<Episode> live(Rollout rollout) {
        JavaRDD<Integer> groups = numbers(rollout.groups());
        return Jobs.broadcasting(
                        spark,
                        rollout,
                        shared -> Jobs.collect(
                                spark,
                                groups.map(group -> shared.value().group(group)),
                                "episodes " + rollout.first() + " to " + (rollout.first() + rollout.episodes() - 1),
                                DEADLINE))
                .stream()
                .flatMap(List::stream)
                .toList();
    }

    /**
     * What a network says.
     *
     * @param observations {@code [chunks][of a chunk][values]}; those of a chunk are asked for together
     * @param counts how many are in each chunk
     * @return {@code [chunks][of a chunk][outputs]}
     */
    List<float[][]> answers(Brain brain, List<float[]> observations, List<Integer> counts) {
        JavaRDD<Integer> chunks = numbers(observations.size());
        return Jobs.broadcasting(
                spark,
                new Asked(brain, observations, counts),
                shared -> Jobs.collect(
                        spark, chunks.map(chunk -> shared.value().answers(chunk)), "what actions are worth", DEADLINE));
    }

    private JavaRDD<Integer> numbers(int count) {
        List<Integer> all = IntStream.range(0, count).boxed().toList();
        return spark.parallelize(all, Math.min(count, tasks()));
    }
}
