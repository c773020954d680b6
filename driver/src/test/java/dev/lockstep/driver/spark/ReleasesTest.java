package dev.lockstep.driver.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.apache.spark.broadcast.Broadcast;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import scala.reflect.ClassTag$;

@Timeout(60)
class ReleasesTest {
    /** Executors drop it when they are let. */
    private static final class Held extends Broadcast<String> {
        private static final long serialVersionUID = 1L;
        private final transient CountDownLatch let = new CountDownLatch(1);
        private volatile boolean dropped;

        Held() {
            super(0, ClassTag$.MODULE$.apply(String.class));
        }

        @Override
        public String getValue() {
            return "value";
        }

        @Override
        public void doUnpersist(boolean blocking) {}

        @Override
        public void doDestroy(boolean blocking) {
            try {
                let.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            dropped = blocking;
        }
    }

    @Test
    void whoStopsSparkWaitsForWhatExecutorsAreToDrop() {
        Held held = new Held();
        Releases.inBackground(() -> held.destroy(true));
        Releases.await(Duration.ofMillis(20)); // no longer than this
        assertThat(held.dropped).isFalse();
        held.let.countDown();
        Releases.await(Duration.ofSeconds(60));
        assertThat(held.dropped).isTrue();
    }

    @Test
    void anExecutorThatIsGoneIsNobodysFault() {
        Held held = new Held();
        held.let.countDown();
        held.destroy(true);
        Releases.inBackground(() -> held.destroy(true)); // Spark throws: it is destroyed
        assertThatCode(() -> Releases.await(Duration.ofSeconds(60))).doesNotThrowAnyException();
    }
}
