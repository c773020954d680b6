package dev.lockstep.driver.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ReleasesTest {
    private static final String CLUSTER = "spark://nowhere.example:7077";

    @Test
    void inOneProcessItIsDoneAtOnce() {
        List<Boolean> waited = new ArrayList<>();
        Releases.release("local[2]", waited::add);
        assertThat(waited).containsExactly(false);
    }

    @Test
    void nobodyWaitsForAClustersExecutorsButWhoWantsTo() {
        CountDownLatch let = new CountDownLatch(1);
        AtomicBoolean answered = new AtomicBoolean();
        Releases.release(CLUSTER, waits -> {
            await(let);
            answered.set(waits);
        });
        Releases.await(Duration.ofMillis(20)); // no longer than this
        assertThat(answered).isFalse();
        let.countDown();
        Releases.await(Duration.ofSeconds(60));
        assertThat(answered).isTrue();
    }

    /** An answer that comes after Spark's end would be a stack trace on the user's terminal. */
    @Test
    void sparkIsStoppedWhenAllHaveAnswered() {
        SparkConf conf = new SparkConf().setMaster("local[1]").setAppName("releases");
        LateSpark late = new LateSpark(conf.set("spark.ui.enabled", "false"));
        SparkContext spark = late.context(() -> false).sc();
        AtomicBoolean inTime = new AtomicBoolean();
        Thread closing = Thread.currentThread();
        Releases.release(CLUSTER, waits -> {
            while (closing.getState() == Thread.State.RUNNABLE && !spark.isStopped()) {
                Thread.onSpinWait();
            }
            inTime.set(!spark.isStopped());
        });
        late.close();
        assertThat(inTime).isTrue();
        assertThat(spark.isStopped()).isTrue();
    }

    @Test
    void anExecutorThatIsGoneIsNobodysFault() {
        Releases.release(CLUSTER, waits -> {
            throw new IllegalStateException("it is gone");
        });
        assertThatCode(() -> Releases.await(Duration.ofSeconds(60))).doesNotThrowAnyException();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
