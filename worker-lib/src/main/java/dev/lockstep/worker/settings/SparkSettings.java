package dev.lockstep.worker.settings;

import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.Excerpt;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.apache.spark.network.util.ConfigProvider;
import org.apache.spark.network.util.JavaUtils;
import org.apache.spark.network.util.TransportConf;
import scala.Tuple2;

/** The {@code spark.lockstep.*} keys, their defaults and units. The trained bits depend on none of them. */
public record SparkSettings(SparkConf conf) {
    private static final String PREFIX = "spark.lockstep.";
    public static final String PATIENCE = PREFIX + "patience";
    public static final String REPLACEMENT = PREFIX + "replacement";
    public static final String REPLICATE = PREFIX + "replicate";
    public static final String SHARED_STEPS = PREFIX + "shared-steps";
    private static final List<String> ALL = List.of(PATIENCE, REPLACEMENT, REPLICATE, SHARED_STEPS);

    private static final Duration LONGEST = Duration.ofDays(1);

    /** Spark's name for the settings of our transport. */
    private static final String MODULE = "lockstep";

    private static final String TRANSPORT = PREFIX + "io.";

    /** A connection may be quiet for as long as a step takes; deadlines are the members' own. */
    private static final String CONNECTION_TIMEOUT = "3600s";

    private static final String EVENT_LOOPS = "2";

    /**
     * {@code spark.lockstep.patience} (30s): how long a silent member of a gang is waited for, at least.
     *
     * @throws ConfigurationException when it is no time from a millisecond to a day
     */
    public Duration patience() {
        return time(PATIENCE, "30s", 1);
    }

    /**
     * {@code spark.lockstep.replacement} (20s): how long a lost executor may take to be replaced.
     *
     * @throws ConfigurationException when it is no time from 0 to a day
     */
    public Duration replacement() {
        return time(REPLACEMENT, "20s", 0);
    }

    private Duration time(String name, String fallback, long leastMillis) {
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
     * {@code spark.lockstep.replicate} (128m): a split of at most so many bytes is copied to every executor.
     *
     * @throws ConfigurationException when it is no size
     */
    public long replicatedBytes() {
        String text = conf.get(REPLICATE, "128m");
        try {
            return JavaUtils.byteStringAsBytes(text);
        } catch (IllegalArgumentException e) {
            throw wrong(REPLICATE, text, "a size from 0, such as 128m");
        }
    }

    /**
     * {@code spark.lockstep.shared-steps} (1000000): executors share the optimizer steps of models with so many parameters or
     * more. Of a smaller one it takes them longer to agree on a step than to take it.
     *
     * @throws ConfigurationException when it is no number from 0
     */
    public int sharedSteps() {
        String text = conf.get(SHARED_STEPS, "1000000");
        if (!text.matches("\\d{1,9}")) {
            throw wrong(SHARED_STEPS, text, "a number of parameters from 0 to 999999999, such as 1000000");
        }
        return Integer.parseInt(text);
    }

    /** @throws ConfigurationException when a setting of ours has a value that it cannot have, or is none of ours */
    public void check() {
        patience();
        replacement();
        replicatedBytes();
        sharedSteps();
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

    /**
     * {@code spark.lockstep.io.*}: the connections between executors, by the names that Spark gives such settings
     * ({@code spark.shuffle.io.*}, say); {@code connectionTimeout} is 3600s and both kinds of threads are 2 by default.
     */
    public TransportConf transport() {
        SparkConf all = conf.clone()
                .setIfMissing(TRANSPORT + "connectionTimeout", CONNECTION_TIMEOUT)
                .setIfMissing(TRANSPORT + "serverThreads", EVENT_LOOPS)
                .setIfMissing(TRANSPORT + "clientThreads", EVENT_LOOPS);
        return new TransportConf(MODULE, new Provider(all));
    }

    /** As SparkTransportConf, whose signature differs between Spark 3 and 4, reads a SparkConf. */
    private static final class Provider extends ConfigProvider {
        private final SparkConf conf;

        Provider(SparkConf conf) {
            this.conf = conf;
        }

        @Override
        public String get(String name) {
            return conf.get(name);
        }

        @Override
        public String get(String name, String otherwise) {
            return conf.get(name, otherwise);
        }

        @Override
        public Iterable<Map.Entry<String, String>> getAll() {
            Map<String, String> all = new LinkedHashMap<>();
            for (var setting : conf.getAll()) {
                all.put(setting._1(), setting._2());
            }
            return all.entrySet();
        }
    }
}
