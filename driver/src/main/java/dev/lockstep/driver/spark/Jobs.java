package dev.lockstep.driver.spark;

import dev.lockstep.worker.exchange.InJvmBroadcast;
import dev.lockstep.worker.failure.ConfigurationException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/** Runs Spark jobs with a name that reads like the run and with a deadline. */
public final class Jobs {
    private static final long LOOK_MILLIS = 1_000;
    private static final String DESCRIPTION = "spark.job.description";
    /** More than Spark puts around a result. */
    private static final long FRAME_BYTES = 1 << 16;

    private static final String INTERRUPT = "spark.job.interruptOnCancel";

    private Jobs() {}

    /**
     * The elements of an RDD.
     *
     * @param description what the Spark UI shows, and what a time-out says was waited for
     * @param deadline how long the job may take; then it is cancelled
     * @throws IllegalStateException when it takes longer, or Spark ends
     */
    public static <T> List<T> collect(JavaSparkContext spark, JavaRDD<T> rdd, String description, Duration deadline) {
        return await(start(spark, rdd, description), spark.sc()::isStopped, description, deadline);
    }

    /** @param ended whether Spark has: it may forget a job that was just sent to it, and nobody would hear of it again */
    static <T> T await(JavaFutureAction<T> job, BooleanSupplier ended, String description, Duration deadline) {
        long until = System.nanoTime() + deadline.toNanos();
        try {
            while (true) {
                boolean last = ended.getAsBoolean();
                try {
                    return job.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    if (last) {
                        throw new IllegalStateException("Spark ended under the Spark job '" + description + "'", e);
                    }
                    if (System.nanoTime() > until) {
                        job.cancel(true);
                        throw new IllegalStateException(
                                "waited " + deadline.toSeconds() + " s for the Spark job '" + description
                                        + "'; are there executors with free slots? (see Spark's UI)",
                                e);
                    }
                }
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            job.cancel(true);
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for the Spark job '" + description + "'", e);
        }
    }

    /**
     * Whether Spark has ended and will not tell how a job did that was just sent to it.
     *
     * @param ended whether Spark has
     */
    public static boolean isForgotten(JavaFutureAction<?> job, BooleanSupplier ended) throws InterruptedException {
        if (!ended.getAsBoolean()) {
            return false;
        }
        try {
            job.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            return false;
        } catch (TimeoutException e) {
            return true;
        } catch (ExecutionException e) {
            return false;
        }
    }

    /**
     * What tasks give back must pass Spark's limit for it, or the work is done in vain.
     *
     * @param bytes of a job's largest result
     * @throws ConfigurationException when they would not
     */
    public static void requireRoom(JavaSparkContext spark, long bytes) {
        String key = "spark.driver.maxResultSize";
        long limit = spark.getConf().getSizeAsBytes(key, "1g");
        if (limit > 0 && limit < bytes + FRAME_BYTES) {
            throw new ConfigurationException(key + ": is " + spark.getConf().get(key, "1g")
                    + ", but a model of this size gives back " + bytes + " bytes at once; set it to 0, or above "
                    + (bytes + FRAME_BYTES));
        }
    }

    /** Runs work whose tasks look something up; afterwards it is deleted everywhere. */
    public static <T, R> R broadcasting(JavaSparkContext spark, T value, Function<Broadcast<T>, R> work) {
        return broadcastingEach(spark, List.of(value), broadcasts -> work.apply(broadcasts.get(0)));
    }

    /** The same with several values. */
    public static <T, R> R broadcastingEach(
            JavaSparkContext spark, List<T> values, Function<List<Broadcast<T>>, R> work) {
        List<Broadcast<T>> broadcasts = new ArrayList<>();
        try {
            values.forEach(value -> broadcasts.add(broadcast(spark, value)));
            return work.apply(broadcasts);
        } finally {
            broadcasts.forEach(Releases::release);
        }
    }

    /** A value that tasks look up, wherever they run; to be released by who asked for it. */
    public static <T> Broadcast<T> broadcast(JavaSparkContext spark, T value) {
        return SparkApplication.isOneProcess(spark.master()) ? new InJvmBroadcast<>(value) : spark.broadcast(value);
    }

    private static <T> JavaFutureAction<List<T>> start(JavaSparkContext spark, JavaRDD<T> rdd, String description) {
        return start(spark, rdd, description, Map.of());
    }

    /**
     * Starts to collect the elements of an RDD. Cancelling interrupts the threads of its tasks.
     *
     * @param description what the Spark UI shows
     * @param properties more of the job's, for those who listen to Spark's events
     */
    public static <T> JavaFutureAction<List<T>> start(
            JavaSparkContext spark, JavaRDD<T> rdd, String description, Map<String, String> properties) {
        Map<String, String> all = new HashMap<>(properties);
        all.put(DESCRIPTION, description);
        all.put(INTERRUPT, "true");
        Map<String, String> before = new HashMap<>();
        all.forEach((key, value) -> {
            before.put(key, spark.getLocalProperty(key));
            spark.setLocalProperty(key, value);
        });
        try {
            return rdd.collectAsync();
        } finally {
            before.forEach(spark::setLocalProperty);
        }
    }
}
