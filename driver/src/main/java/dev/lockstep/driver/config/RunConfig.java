package dev.lockstep.driver.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Scaling;
import dev.lockstep.worker.picture.PictureReader;
import dev.lockstep.worker.plan.Sampling;
import dev.lockstep.worker.source.GeneratedSplit.Polynomial;
import dev.lockstep.worker.source.GeneratedSplit.Rule;
import dev.lockstep.worker.text.TextCut;
import dev.lockstep.worker.text.TextTask;
import dev.lockstep.worker.text.TextUnit;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Everything that a run is told: all the user's keys with the defaults filled in.
 *
 * @param name names the run's folder and its Spark application
 * @param seed the run's seed, any value
 * @param network before its schedule, whose times may be in epochs of data yet to be opened
 * @param written the same, key by key
 */
public record RunConfig(
        String name,
        long seed,
        Data data,
        NetworkSpec network,
        RateSchedule schedule,
        Training training,
        Written written) {

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

    /**
     * A configuration as it can be written down and compared with others, key by key.
     *
     * @param config every key with its value, defaults included, and {@code ${NAME}} for a secret of the environment;
     *     parsing it, where there is such a secret, gives an equal {@code RunConfig}
     * @param secrets the values with such a secret in them, by key
     * @param free the keys that no trained bit depends on
     * @param usual the keys with the values that they have when nobody gives them
     * @param notes what the user should know, a line each; none of it is wrong
     */
    public record Written(
            Config config, Map<String, Secret> secrets, Set<String> free, Set<String> usual, List<String> notes) {
        public Written {
            secrets = Map.copyOf(secrets);
            free = Set.copyOf(free);
            usual = Set.copyOf(usual);
            notes = List.copyOf(notes);
        }

        /** The keys that trained bits depend on, with their values; of a secret, its SHA-256. */
        public Map<String, String> values() {
            Map<String, String> values = all();
            values.keySet().removeAll(free);
            return values;
        }

        /** All keys with their values, ascending; of a secret, its SHA-256. */
        public Map<String, String> all() {
            Map<String, String> values = new TreeMap<>();
            flatten("", config.root(), values);
            return values;
        }

        /** A message, with the names of keys in the place of secrets. */
        public String redacted(String message) {
            String redacted = message;
            for (Map.Entry<String, Secret> secret : secrets.entrySet()) {
                redacted = redacted.replace(secret.getValue().value(), "(" + secret.getKey() + ")");
            }
            return redacted;
        }

        private void flatten(String key, ConfigValue value, Map<String, String> into) {
            if (secrets.containsKey(key)) {
                into.put(key, secrets.get(key).sha256());
            } else if (value instanceof ConfigObject object) {
                object.forEach((name, child) -> flatten(key.isEmpty() ? name : key + "." + name, child, into));
            } else if (value instanceof ConfigList list) {
                for (int i = 0; i < list.size(); i++) {
                    flatten(key + "[" + i + "]", list.get(i), into);
                }
            } else {
                into.put(key, String.valueOf(value.unwrapped()));
            }
        }
    }

    /** {@link Written#config}. */
    public Config resolved() {
        return written.config();
    }

    /** {@link Written#redacted}. */
    public String redacted(String message) {
        return written.redacted(message);
    }

    /**
     * @param path a folder of any Hadoop file system, or "bundled:NAME"
     * @param trainLimit only the first so many training examples; 0 for all
     * @param testLimit only the first so many test examples; 0 for all
     * @param validationFraction the share of training examples held back for validation, in [0, 1)
     * @param bootstrap how the rest is drawn anew, with replacement; null when it is taken as it is
     * @param table how a table is read; null of other formats
     * @param generated what is made up; null of other formats
     * @param text how a text is read; null of other formats
     * @param classNames for people, one for each class; empty where nobody gives them
     */
    public record Data(
            String path,
            DataFormat format,
            long trainLimit,
            long testLimit,
            double validationFraction,
            Sampling sampling,
            Bootstrap bootstrap,
            Table table,
            Generated generated,
            Text text,
            List<String> classNames) {

        public Data {
            classNames = List.copyOf(classNames);
        }

        /** Of images. */
        public Data(
                String path,
                DataFormat format,
                long trainLimit,
                long testLimit,
                double validationFraction,
                Sampling sampling,
                Bootstrap bootstrap) {
            this(
                    path,
                    format,
                    trainLimit,
                    testLimit,
                    validationFraction,
                    sampling,
                    bootstrap,
                    null,
                    null,
                    null,
                    List.of());
        }
    }

    /**
     * A table and what its columns mean.
     *
     * @param source what Spark calls the format of its files; null when they are none
     * @param query a name that the catalog knows, or SQL; null when there are files
     * @param options what Spark's reader is told
     * @param columns which mean something
     * @param testPath where the test rows lie; null when they are drawn, or marked
     * @param testFraction the share of the rows that is drawn for the test, in [0, 1)
     * @param onBadRow what becomes of a row that is no example
     * @param pictures how pictures come to the size of an example; null where bytes are numbers
     * @param scaling how columns of numbers are scaled
     */
    public record Table(
            String source,
            String query,
            Map<String, String> options,
            Columns columns,
            String testPath,
            double testFraction,
            OnBadRow onBadRow,
            PictureReader.Fit pictures,
            Scaling.Kind scaling) {

        /** The same of rows that are all for the test: what they weigh is no matter there. */
        public Table ofTestAlone() {
            return new Table(source, query, options, columns.withoutMarks(), null, 0, onBadRow, pictures, scaling);
        }
    }

    /**
     * @param features that a network is given, in order; none for all that mean nothing else
     * @param label that it is to tell, in order
     * @param oneHot the features that hold words, each a number for every word
     * @param index the features that hold words, each the number of its word
     * @param weight how much a row counts; null for 1
     * @param validation whether a row is for validation; null for none
     * @param test whether a row is for the test; null for none
     * @param id what rows are ordered by; null for their content
     */
    public record Columns(
            List<String> features,
            List<String> label,
            List<String> oneHot,
            List<String> index,
            String weight,
            String validation,
            String test,
            String id) {

        /** The same where all rows count alike, and are for the same. */
        private Columns withoutMarks() {
            return new Columns(features, label, oneHot, index, null, null, null, id);
        }
    }

    /** What becomes of a row that is no example. */
    public enum OnBadRow {
        /** Nothing is trained. */
        FAIL,
        /** It is left out, and said. */
        SKIP
    }

    /**
     * @param rule what is made up
     * @param train how many training examples
     * @param test how many test examples
     * @param from the least value of a feature
     * @param to features are below
     * @param fewest steps of a sequence whose length is drawn, at most {@code steps}
     * @param steps the most steps of a sequence
     * @param polynomial of that rule; null of others
     * @param seed of the values
     */
    public record Generated(
            Rule rule,
            long train,
            long test,
            double from,
            double to,
            int fewest,
            int steps,
            Polynomial polynomial,
            long seed) {}

    /**
     * How a text becomes examples.
     *
     * @param unit what a token is
     * @param task what is told of it
     * @param lowerCase whether capitals are small letters
     * @param minCount tokens that are rarer are unknown
     * @param steps of a window
     * @param stride from window to window; 0 for that of the network: 1, or {@code steps} where it tells every step
     * @param lines whether each line is a sequence of its own, between marks of its beginning and its end
     * @param targetPath where the lines lie that are to be told of the others; null where there are none
     * @param testPath where the text for the test lies; null for the end of the other
     * @param testTargetPath where the lines lie that are to be told of it; null where there are none
     * @param testFraction the share of the text that is for the test, in [0, 1)
     */
    public record Text(
            TextUnit unit,
            TextTask task,
            boolean lowerCase,
            int minCount,
            int steps,
            int stride,
            boolean lines,
            String targetPath,
            String testPath,
            String testTargetPath,
            double testFraction) {
        /** What of this a model remembers. */
        public TextCut cut() {
            return new TextCut(task, steps, stride, lines, targetPath != null);
        }
    }

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
     * @param classWeights how much each class counts; null when nothing is said
     * @param startFrom a run's folder or a model file, whose parameters are the first ones; null for parameters by chance
     * @param prune the share of its weights that become 0 and stay so, in [0, 1)
     * @param teaching whose outputs are learnt from, beside the classes; null when nobody's
     * @param histograms how often the layers are looked into; null for never
     * @param audit the share of the shards that two tasks compute, to be compared; in [0, 1]
     * @param logEvery every which step gets a line in {@code metrics.jsonl}, from 1
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
            Watch earlyStopping,
            ClassWeights classWeights,
            String startFrom,
            double prune,
            Teaching teaching,
            Every histograms,
            double audit,
            int logEvery) {}

    /**
     * A teacher, and how much it counts.
     *
     * @param teacher a run's folder or a model file
     * @param weight of its part of the loss, in [0, 1]
     * @param temperature by which outputs before softmax are divided, in (0, 1000]
     */
    public record Teaching(String teacher, double weight, double temperature) {}
}
