package dev.lockstep.driver.spark;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import scala.Tuple2;

/**
 * One Spark application for many commands of this process, one after the other: while this is open, whoever asks for
 * Spark is given the application of before, if its settings are the same but for its name. Executors take seconds to
 * start, which commands of a second each would otherwise wait for every time.
 */
public final class KeptSpark implements AutoCloseable {
    private static final String NAME = "spark.app.name";

    private static volatile KeptSpark open;

    private Map<String, String> settings;
    private JavaSparkContext spark;

    /** Keeps what is started from now on. */
    public KeptSpark() {
        if (open != null) {
            throw new IllegalStateException("Spark is kept by another already");
        }
        open = this;
    }

    static Optional<KeptSpark> open() {
        return Optional.ofNullable(open);
    }

    JavaSparkContext context(SparkConf conf, BooleanSupplier cancelled) {
        Map<String, String> wanted = new TreeMap<>();
        for (Tuple2<String, String> setting : conf.getAll()) {
            wanted.put(setting._1(), setting._2());
        }
        wanted.remove(NAME);
        if (spark == null || spark.sc().isStopped() || !wanted.equals(settings)) {
            stop();
            spark = SparkApplication.start(conf, cancelled);
            settings = wanted;
        }
        return spark;
    }

    /** Ends the application, whose tasks may be of any state; who asks next is given a new one. */
    public void stop() {
        if (spark != null) {
            LateSpark.stop(spark);
            spark = null;
        }
    }

    @Override
    public void close() {
        open = null;
        stop();
    }
}
