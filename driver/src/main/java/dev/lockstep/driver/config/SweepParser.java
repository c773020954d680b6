package dev.lockstep.driver.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import dev.lockstep.driver.config.SweepConfig.Halving;
import dev.lockstep.worker.failure.ConfigurationException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads the {@code sweep} section of a configuration, with {@code key=v1,v2,...} of the command line laid over it. */
public final class SweepParser {
    /** The section's name, and the key of what changes in it. */
    public static final String SECTION = "sweep";

    private static final String SPACE = "space";
    private static final List<String> DISTRIBUTIONS = List.of("choice", "uniform", "log-uniform", "int");
    /** A name as near to a distribution's as this is taken for a slip of the pen. */
    private static final int SLIP = 3;

    private final List<String> problems = new ArrayList<>();
    private final SortedMap<String, Domain> space = new TreeMap<>();

    private enum Strategy {
        GRID,
        RANDOM,
        HALVING
    }

    private SweepParser() {}

    /** Whether an argument names several values, {@code key=v1,v2}; one that is HOCON is always a single value. */
    public static boolean isSwept(String argument) {
        String value = argument.substring(argument.indexOf('=') + 1).trim();
        return argument.indexOf('=') > 0 && value.contains(",") && !value.matches("[\\[{\"].*");
    }

    /**
     * Lays arguments over a configuration: values over its keys, several values over its search space.
     *
     * @throws ConfigurationException when an argument is not of these forms, or settles a key that the file sweeps
     */
    public static Config override(Config config, List<String> arguments) {
        List<String> single =
                arguments.stream().filter(argument -> !isSwept(argument)).toList();
        Config result = RunConfigParser.override(config, single);
        for (String argument : arguments.stream().filter(SweepParser::isSwept).toList()) {
            int equals = argument.indexOf('=');
            List<String> values = List.of(argument.substring(equals + 1).split(",", -1)).stream()
                    .map(String::trim)
                    .toList();
            String path =
                    SECTION + "." + SPACE + "." + argument.substring(0, equals).trim();
            try {
                result = result.withoutPath(path)
                        .withValue(path, ConfigValueFactory.fromIterable(values, "command line"));
            } catch (ConfigException e) {
                throw new ConfigurationException("argument '" + argument + "': " + e.getMessage());
            }
        }
        for (String argument : single) {
            String key = argument.substring(0, argument.indexOf('=')).trim();
            if (!key.startsWith(SECTION + ".") && result.hasPath(SECTION + "." + SPACE + "." + key)) {
                throw new ConfigurationException("argument '" + argument + "': " + key + " is swept (sweep.space." + key
                        + "); name one value for it there, or leave the argument out");
            }
        }
        return result;
    }

    /** Parses a sweep that takes nothing from the environment. */
    public static SweepConfig parse(Config config) {
        return parse(config, Substitutions.WITHIN);
    }

    /** @throws ConfigurationException that names every problem found, one a line */
    public static SweepConfig parse(Config config, Substitutions substitutions) {
        return new SweepParser().read(substitutions.written(config), substitutions);
    }

    /** @param config with no substitutions but secrets */
    private SweepConfig read(Config config, Substitutions substitutions) {
        // What is swept stands in tables and file names.
        if (config.hasPath(SECTION) && !config.withOnlyPath(SECTION).isResolved()) {
            throw new ConfigurationException("sweep: takes a secret from the environment, but what is swept is written"
                    + " to the sweep's folder; put it outside of the section");
        }
        Config section = config.hasPath(SECTION) ? section(config) : ConfigFactory.empty();
        ConfigSection keys =
                new ConfigSection(section.withoutPath(SPACE), section.withoutPath(SPACE), SECTION, problems);
        Strategy strategy = keys.choice("strategy", Strategy.GRID, Strategy.class);
        int trials = keys.integer("trials", 0, 1, Integer.MAX_VALUE);
        SweepConfig.Metric metric = keys.choice("metric", null, SweepConfig.Metric.class);
        long seed = keys.anyInteger("seed", 1);
        Every budget = keys.every("budget", null);
        int reduction = keys.integer("reduction", 3, 2, Integer.MAX_VALUE);
        keys.close();
        if (section.hasPath(SPACE)) {
            collect(section.getValue(SPACE), "");
        }
        if (space.isEmpty() && problems.isEmpty()) {
            problems.add("sweep.space: is empty; name a key and its values, such as optimizer.learning-rate=0.1,0.01");
        }
        if (space.containsKey("train.epochs") && space.containsKey("train.iterations")) {
            problems.add("sweep.space: has train.epochs and train.iterations; a run has one of them");
        }
        if (strategy == Strategy.GRID && trials > 0) {
            keys.problem(
                    "trials", "a grid has a trial for every combination; leave it out, or choose strategy = random");
        }
        if (strategy == Strategy.RANDOM && trials == 0) {
            problems.add("sweep.trials: is missing; strategy = random needs the number of trials");
        }
        if (trials == 0 && strategy != Strategy.RANDOM) {
            space.forEach((key, domain) -> {
                if (!(domain instanceof Domain.Choice)) {
                    problem(
                            key,
                            section.getValue(SPACE + "." + key),
                            strategy == Strategy.GRID
                                    ? "a grid needs a list of values; or choose strategy = random"
                                    : "a distribution needs the number of draws, sweep.trials");
                }
            });
        }
        Halving halving = strategy == Strategy.HALVING ? halving(config, keys, budget, reduction) : null;
        if (strategy != Strategy.HALVING && keys.has("budget")) {
            keys.problem("budget", "only strategy = halving has one");
        }
        ConfigurationException.refuse(problems, "the sweep");
        return new SweepConfig(space, trials, metric, halving, seed, base(config), substitutions);
    }

    private static Config section(Config config) {
        try {
            return config.getConfig(SECTION);
        } catch (ConfigException e) {
            throw new ConfigurationException("sweep: expected an object, found "
                    + config.getValue(SECTION).render(ConfigRenderOptions.concise()));
        }
    }

    private Halving halving(Config config, ConfigSection keys, Every budget, int reduction) {
        if (budget == null) {
            problems.add("sweep.budget: is missing; strategy = halving needs what each trial gets at first, such as"
                    + " \"1 epoch\"");
        }
        for (String length : List.of("train.epochs", "train.iterations")) {
            if (space.containsKey(length)) {
                problem(
                        length,
                        keys.has("strategy") ? config.getValue("sweep.strategy") : config.root(),
                        "is swept, but with strategy = halving it is the whole budget of every trial");
            }
        }
        return new Halving(budget, reduction);
    }

    /** All that is not the sweep's, with its defaults: a trial is a single task, so that slots work on different trials. */
    private static Config base(Config config) {
        Config base = config.withoutPath(SECTION);
        boolean single = !base.hasPath("train.tasks")
                || base.getAnyRef("train.tasks").toString().equals("1");
        Map<String, String> defaults = single ? Map.of("train.tasks", "1", "train.exchange", "local") : Map.of();
        return base.withFallback(ConfigFactory.parseMap(defaults, "the defaults of a sweep"));
    }

    private void collect(ConfigValue value, String key) {
        if (value instanceof ConfigList list) {
            choice(key, list);
        } else if (value instanceof ConfigObject object && object.size() == 1 && isDistribution(object)) {
            distribution(key, object);
        } else if (value instanceof ConfigObject object && !object.isEmpty()) {
            object.entrySet().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .forEach(child -> collect(
                            child.getValue(), (key.isEmpty() ? "" : key + ".") + ConfigUtil.joinPath(child.getKey())));
        } else if (!key.isEmpty()) {
            problem(
                    key,
                    value,
                    "expected a list of values, or a distribution such as { log-uniform = [1e-4, 1e-1] }, found "
                            + value.render(ConfigRenderOptions.concise()));
        }
    }

    /** A name that is nearly a distribution's is taken for one, to be told so; "int" is too short to be nearly anything. */
    private static boolean isDistribution(ConfigObject object) {
        String name = object.keySet().iterator().next();
        return DISTRIBUTIONS.contains(name)
                || DISTRIBUTIONS.stream()
                        .anyMatch(known -> known.length() > SLIP
                                && !name.isEmpty()
                                && known.charAt(0) == name.charAt(0)
                                && EditDistance.between(known, name) <= SLIP);
    }

    private void distribution(String key, ConfigObject object) {
        String name = object.keySet().iterator().next();
        ConfigValue value = object.get(name);
        if (!DISTRIBUTIONS.contains(name)) {
            String nearest = DISTRIBUTIONS.stream()
                    .min(Comparator.comparingInt(known -> EditDistance.between(known, name)))
                    .orElseThrow();
            problem(key, value, "unknown distribution " + name + "; the nearest known one is " + nearest);
        } else if (!(value instanceof ConfigList list)) {
            problem(key, value, name + ": expected a list, found " + value.render(ConfigRenderOptions.concise()));
        } else if (name.equals("choice")) {
            choice(key, list);
        } else {
            range(key, name, list);
        }
    }

    private void choice(String key, ConfigList list) {
        List<String> values = new ArrayList<>();
        for (ConfigValue value : list) {
            String text = text(value);
            if (value.valueType() == ConfigValueType.NULL || text.isBlank()) {
                problem(key, value, "expected a value, found " + value.render(ConfigRenderOptions.concise()));
            } else if (values.contains(text)) {
                problem(key, value, "has the value " + text + " twice");
            } else {
                values.add(text);
            }
        }
        if (list.isEmpty()) {
            problem(key, list, "has no values");
        }
        space.put(key, new Domain.Choice(values));
    }

    private void range(String key, String name, ConfigList list) {
        String expected = "expected " + name + " = [low, high], two "
                + (name.equals("int") ? "whole numbers" : "numbers")
                + (name.equals("log-uniform") ? " above 0" : "") + ", low below high, found "
                + list.render(ConfigRenderOptions.concise());
        try {
            String low = text(list.get(0));
            String high = text(list.get(1));
            Domain domain =
                    switch (name) {
                        case "int" -> new Domain.Whole(Long.parseLong(low), Long.parseLong(high));
                        case "uniform" -> new Domain.Uniform(Double.parseDouble(low), Double.parseDouble(high));
                        default -> new Domain.LogUniform(Double.parseDouble(low), Double.parseDouble(high));
                    };
            double from = Double.parseDouble(low);
            boolean fits = from < Double.parseDouble(high) && (from > 0 || !name.equals("log-uniform"));
            if (list.size() != 2 || !fits || !Double.isFinite(from - Double.parseDouble(high))) {
                problem(key, list, expected);
            }
            space.put(key, domain);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            problem(key, list, expected);
        }
    }

    /** A value as it would stand behind {@code key=}, a number as it was written. */
    private static String text(ConfigValue value) {
        if (value instanceof ConfigObject || value instanceof ConfigList || value.valueType() == ConfigValueType.NULL) {
            return value.render(ConfigRenderOptions.concise());
        }
        String text = value.atKey("value").getString("value");
        return text.matches("[\\[{\"].*") ? value.render(ConfigRenderOptions.concise()) : text;
    }

    private void problem(String key, ConfigValue where, String message) {
        problems.add(
                "sweep.space." + key + ": " + message + " (" + where.origin().description() + ")");
    }
}
