package dev.lockstep.driver.spark;

import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/** Spark in the JVM of a test, as Lockstep sets it up, without its pages. */
public final class LocalSpark {
    private LocalSpark() {}

    /** @param slots how many tasks run at the same time */
    public static SparkConf conf(int slots) {
        return new SparkConf()
                .setMaster("local[" + slots + "]")
                .setAppName("test")
                .set("spark.ui.enabled", "false")
                .set("spark.serializer", "org.apache.spark.serializer.JavaSerializer");
    }

    /** To be closed by the caller: there is one in a JVM at a time. */
    public static JavaSparkContext start(int slots) {
        return new JavaSparkContext(conf(slots));
    }
}
