package dev.lockstep.driver.spark;

import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.Excerpt;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.apache.spark.network.util.JavaUtils;
import scala.Tuple2;

/** Our own settings among Spark's, each with its default and its range. */
public final class OwnSettings {
    private static final String PREFIX = "spark.lockstep.";
    /** What follows belongs to Spark's transport, by which the members of a gang talk. */
    private static final String TRANSPORT = PREFIX + "io.";

    public static final String REPLACEMENT = PREFIX + "replacement";

    static final String PATIENCE = PREFIX + "patience";
    static final String REPLICATE = PREFIX + "replicate";
    private static final List<String> ALL = List.of(PATIENCE, REPLACEMENT, REPLICATE);

    private static final Duration LONGEST = Duration.ofDays(1);

    private OwnSettings() {}

    /**
     * How long a member of a gang waits for another at least; 30 s unless set.
     *
     * @throws ConfigurationException when it is no time from a millisecond to a day
     */
    public static Duration patience(SparkConf conf) {
        return time(conf, PATIENCE, "30s", 1);
    }

    /**
     * How long a lost executor may take to be replaced; 20 s unless set.
     *
     * @throws ConfigurationException when it is no time from 0 to a day
     */
    public static Duration replacement(SparkConf conf) {
        return time(conf, REPLACEMENT, "20s", 0);
    }

    private static Duration time(SparkConf conf, String name, String fallback, long leastMillis) {
        String text = conf.get(name, fallback);
        try {
            Duration time = text.matches("-?\\d+")
                    ? Duration.ofSeconds(Long.parseLong(text))
                    : Duration.ofMillis(JavaUtils.timeStringAs(text, TimeUnit.MILLISECONDS));
            if (time.toMillis() >= leastMillis && time.compareTo(LONGEST) <= 0) {
                return time;
            }
        } catch (IllegalArgumentException | ArithmeticException e) {
            // said below
        }
        throw wrong(name, text, "a time from " + leastMillis + "ms to 24h, such as " + fallback);
    }

    /**
     * The bytes up to which a split is copied to every executor; 128 MiB unless set.
     *
     * @throws ConfigurationException when it is no size
     */
    public static long replicate(SparkConf conf) {
        String text = conf.get(REPLICATE, "128m");
        try {
            return JavaUtils.byteStringAsBytes(text);
        } catch (IllegalArgumentException e) {
            throw wrong(REPLICATE, text, "a size from 0, such as 128m");
        }
    }

    /** @throws ConfigurationException when a setting of ours has a value that it cannot have, or is none of ours */
    static void check(SparkConf conf) {
        patience(conf);
        replacement(conf);
        replicate(conf);
        for (Tuple2<String, String> setting : conf.getAllWithPrefix(PREFIX)) {
            String name = PREFIX + setting._1();
            if (!ALL.contains(name) && !name.startsWith(TRANSPORT)) {
                throw new ConfigurationException(
                        Excerpt.of(name) + ": unknown setting; known are " + String.join(", ", ALL));
            }
        }
    }

    private static ConfigurationException wrong(String name, String found, String expected) {
        return new ConfigurationException(name + ": expected " + expected + ", found '" + Excerpt.of(found) + "'");
    }
}
