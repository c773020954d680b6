package dev.lockstep.driver.spark;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.spark.ContextCleaner;
import org.apache.spark.ShuffleDependency;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Option;

/**
 * What tasks need no more. Where executors are other processes, they are told in the background, and nobody waits for it
 * but who stops Spark: of an executor that has not answered by then Spark would print an error and a stack trace.
 */
public final class Releases {
    private static final Logger LOG = LoggerFactory.getLogger(Releases.class);
    private static final Set<CompletableFuture<Void>> PENDING = ConcurrentHashMap.newKeySet();

    private Releases() {}

    /** What executors hold of an RDD. */
    public static void release(JavaRDD<?> rdd) {
        release(rdd::unpersist);
    }

    /** A value that tasks looked up. */
    public static void release(Broadcast<?> broadcast) {
        release(broadcast::destroy);
    }

    /** What a shuffle left on disks, which Spark would delete when the driver next collects garbage. */
    public static void release(JavaPairRDD<?, ?> shuffled) {
        Option<ContextCleaner> cleaner = shuffled.context().cleaner();
        if (shuffled.rdd().dependencies().head() instanceof ShuffleDependency<?, ?, ?> shuffle && cleaner.isDefined()) {
            release(blocking -> cleaner.get().doCleanupShuffle(shuffle.shuffleId(), blocking));
        }
    }

    private static void release(Consumer<Boolean> work) {
        SparkEnv here = SparkEnv.get(); // null where no Spark runs
        release(here == null ? "local" : here.conf().get("spark.master"), work);
    }

    /**
     * @param master Spark's, which says whether executors are other processes
     * @param work is told whether to wait for executors' answers
     */
    static void release(String master, Consumer<Boolean> work) {
        if (SparkApplication.isOneProcess(master)) {
            work.accept(false);
        } else {
            inBackground(() -> work.accept(true));
        }
    }

    /** Waits until every executor has answered, at most so long. */
    static void await(Duration deadline) {
        CompletableFuture.allOf(PENDING.toArray(CompletableFuture[]::new))
                .completeOnTimeout(null, deadline.toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }

    private static void inBackground(Runnable work) {
        Executor daemon = command -> {
            Thread thread = new Thread(command, "lockstep-release");
            thread.setDaemon(true);
            thread.start();
        };
        CompletableFuture<Void> pending = CompletableFuture.runAsync(work, daemon)
                .exceptionally(e -> {
                    LOG.debug("an executor did not drop what it was told to", e); // it is gone, or will be
                    return null;
                });
        PENDING.add(pending);
        pending.thenRun(() -> PENDING.remove(pending));
    }
}
