package dev.lockstep.driver.spark;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/** Spark, started when somebody first asks for it. Not for several threads at once. */
public final class LateSpark implements AutoCloseable {
    private static final Duration LAST_ANSWERS = Duration.ofSeconds(10);

    private final SparkConf conf;
    private JavaSparkContext spark;
    /** Who keeps it beyond this one's end; mostly nobody. */
    private KeptSpark keeper;

    public LateSpark(SparkConf conf) {
        this.conf = conf;
    }

    /** What it is, or will be, started with. */
    public SparkConf conf() {
        return conf;
    }

    /**
     * @param cancelled asked while executors are waited for
     * @throws dev.lockstep.worker.failure.ConfigurationException as {@link SparkApplication#start}
     */
    public JavaSparkContext context(BooleanSupplier cancelled) {
        if (spark == null) {
            keeper = KeptSpark.open().orElse(null);
            spark = keeper == null ? SparkApplication.start(conf, cancelled) : keeper.context(conf, cancelled);
        }
        return spark;
    }

    /** Spark as tables know it. */
    public SparkSession session() {
        return SparkSession.builder().config(context(() -> false).getConf()).getOrCreate();
    }

    @Override
    public void close() {
        if (spark != null && keeper == null) {
            stop(spark);
        }
    }

    /** Ends it; a second time does nothing. */
    static void stop(JavaSparkContext spark) {
        Releases.await(LAST_ANSWERS);
        spark.stop();
    }
}
