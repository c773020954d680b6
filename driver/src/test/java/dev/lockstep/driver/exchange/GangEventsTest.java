package dev.lockstep.driver.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.spark.executor.ExecutorMetrics;
import org.apache.spark.resource.ResourceProfile;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.scheduler.StageInfo;
import org.apache.spark.storage.RDDInfo;
import org.apache.spark.storage.StorageLevel;
import org.junit.jupiter.api.Test;
import scala.Option;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/** With a clock and slots of its own: what a gang's driver concludes from Spark's events. */
class GangEventsTest {
    private static final int READING = 4;
    private static final int GANG = 5;

    private long now = 1;
    private int slots = 2;
    private boolean closed;
    private final GangEvents events = new GangEvents("7", () -> slots, () -> now, () -> closed = true);

    /** All executors die together: no member lives to tell, and the first of them begins the wait. */
    @Test
    void countsFromTheLossOfTheFirstExecutor() {
        assertThat(events.secondsWithout(2)).isZero();
        slots = 0;
        events.onExecutorRemoved(removed("0", "worker lost"));
        pass(3);
        events.onExecutorRemoved(removed("1", "Command exited with code 137\n  (killed)\n"));
        pass(4);
        assertThat(events.secondsWithout(2)).isEqualTo(7);
        assertThat(events.loss()).isEqualTo("; executor 1 was lost: Command exited with code 137 (killed)");
        slots = 1;
        pass(5);
        assertThat(events.secondsWithout(2)).isEqualTo(12);
        assertThat(events.secondsWithout(1)).isZero();
    }

    @Test
    void aReplacedExecutorEndsTheWait() {
        slots = 1;
        events.onExecutorRemoved(removed("0", "lost"));
        pass(9);
        slots = 2;
        assertThat(events.secondsWithout(2)).isZero();
        slots = 1;
        assertThat(events.secondsWithout(2)).isZero();
        pass(2);
        assertThat(events.secondsWithout(2)).isEqualTo(2);
    }

    /** Only while tasks before the gang's own stage run, and only those of this gang's job. */
    @Test
    void knowsThatExamplesAreBeingRead() {
        events.onJobStart(job("8", 1, 2));
        events.onJobStart(job("7", READING, GANG));
        pass(700);
        assertThat(events.silence()).isEqualTo(700);
        assertThat(events.reading()).isFalse();
        events.onTaskStart(started(READING));
        events.onTaskStart(started(1)); // another gang's
        assertThat(events.reading()).isTrue();
        assertThat(events.silence()).isZero();
        pass(900);
        assertThat(events.silence()).isEqualTo(900);
        events.onTaskEnd(ended(READING));
        assertThat(events.reading()).isFalse();
        assertThat(events.silence()).isZero();
        events.onTaskStart(started(GANG));
        assertThat(events.reading()).isFalse();
        pass(5);
        assertThat(events.silence()).isEqualTo(5);
        events.heard();
        assertThat(events.silence()).isZero();
    }

    /** As long as was asked for, of every gang, and no longer than until the executor is there. */
    @Test
    void waitsForAnExecutorToBeReplaced() {
        int[] looks = {0};
        events.awaitSlots(3, 20, () -> {
            pass(4);
            slots = looks[0]++ == 2 ? 3 : 2;
            return false;
        });
        assertThat(looks[0]).isEqualTo(3);
        looks[0] = 0;
        events.awaitSlots(4, 20, () -> {
            pass(4);
            looks[0]++;
            return false;
        });
        assertThat(looks[0]).as("20 s, of 4 s each").isEqualTo(5);
    }

    @Test
    void waitsNoLongerThanAsked() {
        events.awaitSlots(2, 1000, () -> false); // they are there
        events.awaitSlots(3, 0, () -> false);
        events.awaitSlots(3, 1000, () -> true); // Ctrl-C
        events.close();
        assertThat(closed).isTrue();
    }

    private void pass(long seconds) {
        now += Duration.ofSeconds(seconds).toNanos();
    }

    private static SparkListenerExecutorRemoved removed(String executor, String reason) {
        return new SparkListenerExecutorRemoved(0, executor, reason);
    }

    private static SparkListenerTaskStart started(int stage) {
        return new SparkListenerTaskStart(stage, 0, null);
    }

    private static SparkListenerTaskEnd ended(int stage) {
        return new SparkListenerTaskEnd(stage, 0, "ShuffleMapTask", null, null, new ExecutorMetrics(), null);
    }

    private static SparkListenerJobStart job(String gang, int reading, int barrier) {
        Properties properties = new Properties();
        properties.setProperty(GangEvents.GANG, gang);
        return new SparkListenerJobStart(0, 0, seq(List.of(stage(reading, false), stage(barrier, true))), properties);
    }

    private static StageInfo stage(int id, boolean barrier) {
        RDDInfo rdd = new RDDInfo(id, "rdd", 2, StorageLevel.NONE(), barrier, seq(List.of()), "", Option.empty(), null);
        return new StageInfo(
                id,
                0,
                "stage",
                2,
                seq(List.of(rdd)),
                seq(List.of()),
                "",
                null,
                seq(List.of()),
                Option.empty(),
                ResourceProfile.DEFAULT_RESOURCE_PROFILE_ID(),
                false,
                0);
    }

    private static <T> Seq<T> seq(List<T> list) {
        return JavaConverters.asScalaBuffer(list).toSeq();
    }
}
