package dev.lockstep.jobs.course;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.Excerpt;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** What a student may turn of a training run by a short word, where an exercise's file names it. */
enum Turn {
    HIDDEN("hidden", "sizes of the hidden layers, such as [80,20]") {
        @Override
        Config over(Config run, String value) {
            List<Integer> sizes = read(value, config -> config.getIntList(word()));
            return withLayers(run, layers -> hidden(layers, sizes));
        }
    },
    ACTIVATION("activation", "the hidden layers' function, such as relu") {
        @Override
        Config over(Config run, String value) {
            return withLayers(run, layers -> layers.stream()
                    .map(layer -> isOf(layer, "activation")
                            ? with(layer, "function", value)
                            : isWeighted(layer) && layer.containsKey("activation")
                                    ? with(layer, "activation", value)
                                    : layer)
                    .toList());
        }
    },
    INIT("init", "how weights start: gauss, xavier, he", "network.weight-init"),
    /** Constants of another optimizer would mean nothing to this one. */
    OPTIMIZER("optimizer", "sgd, momentum, adagrad, rmsprop, adam, ...") {
        @Override
        Config over(Config run, String value) {
            String rate = "optimizer.learning-rate";
            Config named = put(run.withoutPath("optimizer"), "optimizer.name", value);
            return run.hasPath(rate) ? named.withValue(rate, run.getValue(rate)) : named;
        }
    },
    RATE("lr", "the learning rate", "optimizer.learning-rate"),
    BATCH_NORM("batch-norm", "true or false: between sum and activation") {
        @Override
        Config over(Config run, String value) {
            boolean wanted = read(value, config -> config.getBoolean(word()));
            return withLayers(run, layers -> wanted ? normed(layers) : plain(layers));
        }
    },
    DROPOUT("dropout.ratio", "the share that is dropped, in [0, 1)") {
        @Override
        Config over(Config run, String value) {
            return withLayers(run, layers -> layers.stream()
                    .map(layer -> isOf(layer, "dropout") ? with(layer, "ratio", value) : layer)
                    .toList());
        }
    },
    /** Of the norm that the variant decays by; of both where it has both, and of L2 where it has none. */
    LAMBDA("lambda", "the strength of the weight decay") {
        @Override
        Config over(Config run, String value) {
            boolean l1 = run.hasPath("regularization.l1");
            Config first = l1 ? put(run, "regularization.l1", value) : run;
            return !l1 || run.hasPath("regularization.l2") ? put(first, "regularization.l2", value) : first;
        }
    },
    IMAGES("images", "how many training images there are", "data.train-limit"),
    FROM("from", "the least x", "data.generated.from"),
    TO("to", "the greatest x", "data.generated.to");

    private final String word;
    private final String meaning;
    private final String key;

    /** One that is another word for a key. */
    Turn(String word, String meaning, String key) {
        this.word = word;
        this.meaning = meaning;
        this.key = key;
    }

    /** One that says itself what it changes. */
    Turn(String word, String meaning) {
        this(word, meaning, null);
    }

    /** What stands before the equals sign. */
    String word() {
        return word;
    }

    /** Lays a value over a run's configuration. */
    Config over(Config run, String value) {
        return put(run, key, value);
    }

    static Optional<Turn> of(String word) {
        return Arrays.stream(values()).filter(turn -> turn.word.equals(word)).findFirst();
    }

    /** The words and what they mean, for people. */
    static String explained(List<String> words) {
        return String.join(
                "; ",
                words.stream()
                        .map(word -> of(word).map(turn -> word + " (" + turn.meaning + ")")
                                .orElse(word))
                        .toList());
    }

    <T> T read(String value, Function<Config, T> reader) {
        try {
            return reader.apply(ConfigFactory.parseString(word + " = " + value));
        } catch (ConfigException e) {
            throw new ConfigurationException(word + "=" + Excerpt.of(value) + ": expected " + meaning);
        }
    }

    private static Config put(Config run, String key, String value) {
        return run.withValue(key, ConfigValueFactory.fromAnyRef(value, "command line"));
    }

    private static ConfigObject with(ConfigObject layer, String key, Object value) {
        return layer.withValue(key, ConfigValueFactory.fromAnyRef(value, "command line"));
    }

    private static boolean isOf(ConfigObject layer, String type) {
        return layer.get("type") != null && type.equals(layer.get("type").unwrapped());
    }

    private static boolean isWeighted(ConfigObject layer) {
        return isOf(layer, "dense") || isOf(layer, "convolution");
    }

    private static Config withLayers(Config run, UnaryOperator<List<ConfigObject>> change) {
        List<ConfigObject> layers = new ArrayList<>();
        for (ConfigValue layer : run.getList("network.layers")) {
            layers.add((ConfigObject) layer);
        }
        return run.withValue("network.layers", ConfigValueFactory.fromIterable(change.apply(layers), "command line"));
    }

    /** For each size the first hidden layer, with what follows it up to the next one, in that size; then the output. */
    private static List<ConfigObject> hidden(List<ConfigObject> layers, List<Integer> sizes) {
        int first = next(layers, 0, "dense");
        int output = output(layers);
        if (first >= output) {
            throw new ConfigurationException(HIDDEN.word + ": there is no hidden layer whose size could be turned");
        }
        int second = Math.min(next(layers, first + 1, "dense"), output);
        List<ConfigObject> changed = new ArrayList<>(layers.subList(0, first));
        for (int size : sizes) {
            for (ConfigObject layer : layers.subList(first, second)) {
                changed.add(isOf(layer, "dense") ? with(layer, "units", size) : layer);
            }
        }
        changed.addAll(layers.subList(output, layers.size()));
        return changed;
    }

    /** The place of the output; where a loss stands by itself at the end, that of the last sums before it. */
    private static int output(List<ConfigObject> layers) {
        int output = next(layers, 0, "output");
        for (int i = output - 1; output == layers.size() && i >= 0; i--) {
            output = isOf(layers.get(i), "dense") ? i : output;
        }
        return output;
    }

    /** The place of the next layer of a type from a place on; behind the last where there is none. */
    private static int next(List<ConfigObject> layers, int from, String type) {
        for (int i = from; i < layers.size(); i++) {
            if (isOf(layers.get(i), type)) {
                return i;
            }
        }
        return layers.size();
    }

    private static List<ConfigObject> normed(List<ConfigObject> layers) {
        List<ConfigObject> changed = new ArrayList<>();
        List<ConfigObject> plain = plain(layers);
        for (int i = 0; i < plain.size(); i++) {
            ConfigObject layer = plain.get(i);
            if (!isWeighted(layer) || i == output(plain)) {
                changed.add(layer);
                continue;
            }
            changed.add(layer.withoutKey("activation"));
            changed.add(object(Map.of("type", "batch-norm", "epsilon", 1e-6)));
            if (layer.containsKey("activation")) {
                changed.add(object(Map.of(
                        "type",
                        "activation",
                        "function",
                        layer.get("activation").unwrapped())));
            }
        }
        return changed;
    }

    /** Without batch norm; an activation behind the sum goes back into its layer. */
    private static List<ConfigObject> plain(List<ConfigObject> layers) {
        List<ConfigObject> changed = new ArrayList<>();
        for (ConfigObject layer : layers) {
            int last = changed.size() - 1;
            boolean joins = isOf(layer, "activation")
                    && last >= 0
                    && isWeighted(changed.get(last))
                    && !changed.get(last).containsKey("activation");
            if (joins) {
                changed.set(
                        last,
                        with(
                                changed.get(last),
                                "activation",
                                layer.get("function").unwrapped()));
            } else if (!isOf(layer, "batch-norm")) {
                changed.add(layer);
            }
        }
        return changed;
    }

    private static ConfigObject object(Map<String, ?> values) {
        return ConfigValueFactory.fromMap(values, "command line");
    }
}
