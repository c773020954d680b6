package dev.lockstep.driver.spark;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;

/** Runs Spark jobs with a name that reads like the run and with a deadline. */
public final class Jobs {
    private Jobs() {}

    /**
     * The elements of an RDD.
     *
     * @param description what the Spark UI shows, and what a time-out says was waited for
     * @param deadline how long the job may take; then it is cancelled
     * @throws IllegalStateException when it takes longer
     */
    public static <T> List<T> collect(JavaSparkContext spark, JavaRDD<T> rdd, String description, Duration deadline) {
        String before = spark.getLocalProperty("spark.job.description");
        spark.setLocalProperty("spark.job.description", description);
        JavaFutureAction<List<T>> job = rdd.collectAsync();
        try {
            return job.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            job.cancel(true);
            throw new IllegalStateException(
                    "waited " + deadline.toSeconds() + " s for the Spark job '" + description
                            + "'; are there executors with free slots? (see Spark's UI)",
                    e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            job.cancel(true);
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for the Spark job '" + description + "'", e);
        } finally {
            spark.setLocalProperty("spark.job.description", before);
        }
    }
}
