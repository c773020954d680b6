package dev.lockstep.driver.config;

import com.typesafe.config.Config;
import dev.lockstep.driver.plan.Sampling;
import dev.lockstep.worker.model.NetworkSpec;
import java.util.Map;

/**
 * Everything that a run is told: all the user's keys with the defaults filled in.
 *
 * @param name names the run's folder and its Spark application
 * @param seed the run's seed, any value
 * @param network before its schedule, whose times may be in epochs of data yet to be opened
 * @param resolved the same as a configuration, with {@code ${NAME}} for a secret of the environment; parsing it, where
 *     there is such a secret, gives an equal {@code RunConfig}
 * @param secrets the values with such a secret in them, by key
 */
public record RunConfig(
        String name,
        long seed,
        Data data,
        NetworkSpec network,
        RateSchedule schedule,
        Training training,
        Config resolved,
        Map<String, Secret> secrets) {

    /**
     * A value that is never written down.
     *
     * @param sha256 of key and value: what tells two of them apart
     */
    public record Secret(String value, String sha256) {
        @Override
        public String toString() {
            return sha256;
        }
    }

    /** A message, with the names of keys in the place of secrets. */
    public String redacted(String message) {
        String redacted = message;
        for (Map.Entry<String, Secret> secret : secrets.entrySet()) {
            redacted = redacted.replace(secret.getValue().value(), "(" + secret.getKey() + ")");
        }
        return redacted;
    }

    /**
     * @param path a folder of any Hadoop file system, or "bundled:NAME"
     * @param trainLimit only the first so many training examples; 0 for all
     * @param testLimit only the first so many test examples; 0 for all
     * @param validationFraction the share of training examples held back for validation, in [0, 1)
     * @param bootstrap how the rest is drawn anew, with replacement; null when it is taken as it is
     */
    public record Data(
            String path,
            DataFormat format,
            long trainLimit,
            long testLimit,
            double validationFraction,
            Sampling sampling,
            Bootstrap bootstrap) {}

    /** @param weights a file with a weight for each training example, one a line; null when all weigh the same */
    public record Bootstrap(String weights) {}

    /**
     * @param length when training ends
     * @param batchSize examples a global batch, at least {@code shards}
     * @param shards parts of a global batch, at least 1
     * @param tasks Spark tasks a step; 0 for as many as there are slots, at most {@code shards}
     * @param syncEvery steps that each shard takes by itself before the models are averaged; 1 for exact synchronous SGD
     * @param evaluateTrain whether evaluation looks at all training examples, too
     * @param earlyStopping when training ends before its length; null for never
     */
    public record Training(
            Every length,
            int batchSize,
            int shards,
            int tasks,
            ExchangeKind exchange,
            int syncEvery,
            Every evaluateEvery,
            boolean evaluateTrain,
            Every checkpointEvery,
            Watch earlyStopping) {}
}
