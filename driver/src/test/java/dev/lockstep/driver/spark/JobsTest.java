package dev.lockstep.driver.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.junit.jupiter.api.Test;

/** Waiting for a job, whatever becomes of it. */
class JobsTest {

    private static final class Job extends CompletableFuture<String> implements JavaFutureAction<String> {
        @Override
        public List<Integer> jobIds() {
            return List.of();
        }
    }

    @Test
    void aJobThatSparkForgotWhenItEndedIsNotWaitedFor() {
        AtomicInteger asked = new AtomicInteger();
        assertThatThrownBy(
                        () -> Jobs.await(new Job(), () -> asked.getAndIncrement() > 0, "step 7", Duration.ofHours(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("Spark ended under the Spark job 'step 7'");
        assertThat(asked).hasValue(2);
    }

    @Test
    void aJobThatIsDoneIsDoneThoughSparkHasEnded() {
        Job job = new Job();
        job.complete("done");
        assertThat(Jobs.await(job, () -> true, "step 7", Duration.ofHours(1))).isEqualTo("done");
    }

    /** A gang's job, which is watched otherwise. */
    @Test
    void whatSparkForgotIsKnown() throws InterruptedException {
        Job job = new Job();
        assertThat(Jobs.isForgotten(job, () -> false)).isFalse();
        assertThat(Jobs.isForgotten(job, () -> true)).isTrue();
        job.completeExceptionally(new IllegalStateException("told"));
        assertThat(Jobs.isForgotten(job, () -> true)).isFalse();
    }

    @Test
    void aJobThatTakesTooLongIsCancelled() {
        Job job = new Job();
        assertThatThrownBy(() -> Jobs.await(job, () -> false, "step 7", Duration.ofMillis(10)))
                .hasMessageContaining("waited 0 s for the Spark job 'step 7'");
        assertThat(job.isCancelled()).isTrue();
    }

    /** In one process nothing is copied, and afterwards nobody finds it. */
    @Test
    void whatWasLookedUpIsGoneWhenTheWorkIsDone() {
        SparkConf conf =
                new SparkConf().setMaster("local[2]").setAppName("jobs").set("spark.ui.enabled", "false");
        try (JavaSparkContext spark = new JavaSparkContext(conf)) {
            byte[] value = {1, 2, 3};
            Broadcast<byte[]> looked = Jobs.broadcasting(spark, value, shared -> {
                assertThat(shared.value()).isSameAs(value);
                List<Integer> sums = Jobs.collect(
                        spark,
                        spark.parallelize(List.of(0, 1, 2), 2).map(i -> shared.value()[i] + i),
                        "sums",
                        Duration.ofMinutes(1));
                assertThat(sums).containsExactly(1, 3, 5);
                return shared;
            });
            assertThatThrownBy(looked::value).hasMessageContaining("destroyed");
        }
    }
}
