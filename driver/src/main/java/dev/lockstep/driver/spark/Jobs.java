package dev.lockstep.driver.spark;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;

/** Runs Spark jobs with a name that reads like the run and with a deadline. */
public final class Jobs {
    private static final long LOOK_MILLIS = 1_000;
    private static final String DESCRIPTION = "spark.job.description";
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
     * Starts to collect the elements of an RDD. Cancelling interrupts the threads of its tasks.
     *
     * @param description what the Spark UI shows
     */
    public static <T> JavaFutureAction<List<T>> start(JavaSparkContext spark, JavaRDD<T> rdd, String description) {
        String descriptionBefore = spark.getLocalProperty(DESCRIPTION);
        String interruptBefore = spark.getLocalProperty(INTERRUPT);
        spark.setLocalProperty(DESCRIPTION, description);
        spark.setLocalProperty(INTERRUPT, "true");
        try {
            return rdd.collectAsync();
        } finally {
            spark.setLocalProperty(DESCRIPTION, descriptionBefore);
            spark.setLocalProperty(INTERRUPT, interruptBefore);
        }
    }
}
