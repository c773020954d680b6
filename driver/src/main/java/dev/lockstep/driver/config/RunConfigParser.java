package dev.lockstep.driver.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigValueFactory;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.Excerpt;
import dev.lockstep.worker.model.Interval;
import dev.lockstep.worker.model.LossFunction;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.objective.Objective;
import dev.lockstep.worker.plan.Sampling;
import dev.lockstep.worker.source.GeneratedSplit.Polynomial;
import dev.lockstep.worker.source.GeneratedSplit.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** Turns HOCON and {@code key=value} overrides into a {@link RunConfig}, or into the list of everything wrong with them. */
public final class RunConfigParser {
    /** Of these a configuration has one; an override of one puts the other aside. */
    private static final Map<String, String> INSTEAD_OF =
            Map.of("train.iterations", "train.epochs", "train.epochs", "train.iterations");

    /** Beyond it all outputs are as good as equal, and its square becomes large. */
    private static final double HOTTEST = 1000;

    private static final ConfigParseOptions COMMAND_LINE =
            ConfigParseOptions.defaults().setOriginDescription("command line");

    private RunConfigParser() {}

    /**
     * Lays {@code key=value} overrides over a configuration. A value that starts with [ or { or " is HOCON; any other is
     * taken as it stands, so that paths and addresses need no quotes.
     *
     * @throws ConfigurationException when an override is not of that form
     */
    public static Config override(Config config, List<String> overrides) {
        Config result = config;
        for (String override : overrides) {
            int equals = override.indexOf('=');
            if (equals < 1) {
                throw new ConfigurationException("argument '" + Excerpt.of(override) + "': expected key=value");
            }
            String key = override.substring(0, equals).trim();
            String value = override.substring(equals + 1).trim();
            try {
                boolean hocon = value.startsWith("[") || value.startsWith("{") || value.startsWith("\"");
                Config one = Hocon.checked(
                        key,
                        () -> hocon
                                ? ConfigFactory.parseString(key + " = " + value, COMMAND_LINE)
                                : ConfigFactory.parseMap(Map.of(key, value), "command line"));
                Config rest = RenamedKeys.OURS.withoutOtherName(result, key);
                result = one.withFallback(INSTEAD_OF.containsKey(key) ? rest.withoutPath(INSTEAD_OF.get(key)) : rest);
            } catch (ConfigException | ConfigurationException e) {
                throw new ConfigurationException("argument '" + Excerpt.of(override) + "': " + e.getMessage());
            }
        }
        return result;
    }

    /** Parses a configuration that takes nothing from the environment. */
    public static RunConfig parse(Config config) {
        return parse(config, Substitutions.WITHIN);
    }

    /** @throws ConfigurationException that names every problem found, one a line */
    public static RunConfig parse(Config config, Substitutions substitutions) {
        return parse(config, substitutions, RenamedKeys.OURS);
    }

    static RunConfig parse(Config given, Substitutions substitutions, RenamedKeys renamed) {
        List<String> problems = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        Config config = renamed.current(given, notes, problems);
        ConfigSection root =
                new ConfigSection(substitutions.resolved(config), substitutions.masked(config), "", problems);
        String name = name(root, "run");
        long seed = root.anyInteger("seed", 1);
        RunConfig.Data data = data(root);
        NetworkParser parser = new NetworkParser(root, data);
        NetworkSpec network = parser.parse();
        if (network != null && network.target().everyStep() && !data.format().tellsSteps()) {
            root.problem(
                    "network.layers",
                    "tell every step of a sequence, and data.format = "
                            + data.format().name().toLowerCase(Locale.ROOT)
                            + " has one target an example; put last-step or mean-over-time before the output");
        }
        checkClassNames(root, data.classNames(), network);
        Every length = length(root);
        RateSchedule schedule = new ScheduleParser(root).schedule(length);
        RunConfig.Training training =
                training(root, length, schedule, classWeights(root, network), parser.prune(), teaching(root, network));
        checkStart(root, network, training);
        if (network != null) {
            network = network.fed(new FeedingParser(root, data, network, training).feeding());
        }
        if (network != null && !network.optimizer().hasLearningRate() && !schedule.isConstant()) {
            root.problem("optimizer.schedule", "adadelta has no learning rate that could change; leave it out");
        }
        root.close();
        ConfigurationException.refuse(problems, "the configuration");
        return new RunConfig(
                name,
                seed,
                data,
                network,
                schedule,
                training,
                new RunConfig.Written(
                        substitutions.unmasked(ConfigFactory.parseMap(root.resolved())),
                        root.secrets(),
                        root.freeKeys(),
                        root.usualKeys(),
                        notes));
    }

    /**
     * Where the test examples of a run lie, and nothing else of what it left behind.
     *
     * @param path where they are now; null for where the run had them
     */
    public static RunConfig.Data testData(Config stored, String path) {
        List<String> problems = new ArrayList<>();
        Config current = RenamedKeys.OURS.current(stored, new ArrayList<>(), problems);
        Config of = Stream.concat(
                        Stream.of(
                                "data.path",
                                "data.format",
                                "data.test-limit",
                                "data.generated",
                                "data.text",
                                "data.class-names"),
                        TableParser.KEYS.stream())
                .map(current::withOnlyPath)
                .reduce(ConfigFactory.empty(), Config::withFallback);
        Config at = path == null
                ? of
                : of.withoutPath("data.test-limit")
                        .withoutPath("data.test-fraction") // of a table, all rows are meant
                        .withoutPath("data.columns.test")
                        .withValue("data.test-path", ConfigValueFactory.fromAnyRef(path))
                        .withValue("data.path", ConfigValueFactory.fromAnyRef(path));
        Config whole = Substitutions.NONE.resolved(at);
        RunConfig.Data data = data(new ConfigSection(whole, whole, "", problems));
        ConfigurationException.refuse(problems, "the configuration");
        return data;
    }

    /** What the run is called, in its record and in its folder's name. */
    static String name(ConfigSection root, String fallback) {
        String name = root.free().text("name", fallback);
        if (!name.matches("[A-Za-z0-9._-]{1,64}")) {
            root.problem(
                    "name",
                    "expected 1 to 64 letters, digits, dots, dashes or underscores, found '" + Excerpt.of(name) + "'");
        }
        return name;
    }

    private static RunConfig.Data data(ConfigSection root) {
        DataFormat format = root.choice("data.format", DataFormat.IDX, DataFormat.class);
        return new RunConfig.Data(
                root.free().text("data.path", "bundled:fashion-mnist-12k"),
                format,
                root.integer("data.train-limit", 0L, 0, Long.MAX_VALUE),
                root.integer("data.test-limit", 0L, 0, Long.MAX_VALUE),
                root.number("data.validation-fraction", 0, Interval.FRACTION),
                root.choice("data.sampling", Sampling.EPOCH, Sampling.class),
                root.flag("data.bootstrap", false) ? new RunConfig.Bootstrap(root.text("data.weights", null)) : null,
                format.isTable() ? TableParser.table(root, format) : null,
                format == DataFormat.GENERATED ? generated(root) : null,
                format == DataFormat.TEXT ? TextParser.text(root) : null,
                Objects.requireNonNullElse(root.free().texts("data.class-names", null), List.of()));
    }

    private static void checkClassNames(ConfigSection root, List<String> names, NetworkSpec network) {
        if (network != null && !names.isEmpty() && names.size() != network.classes()) {
            root.problem(
                    "data.class-names",
                    "has " + names.size() + " names; expected one for each of " + network.classes() + " classes");
        }
    }

    private static void checkStart(ConfigSection root, NetworkSpec network, RunConfig.Training training) {
        if (training.startFrom() != null) {
            return;
        }
        if (training.prune() > 0) {
            root.problem("train.prune", "is known with train.start-from only: it is a model's weights that are pruned");
        }
        if (network != null
                && network.nodes().stream().anyMatch(node -> node.learning().fresh())) {
            root.problem("network.layers", "have one that is fresh, which is known with train.start-from only");
        }
    }

    /**
     * What a run left behind as its configuration.
     *
     * @param place what to call it in messages
     * @throws dev.lockstep.worker.failure.LockstepException when it is none of this version's
     */
    public static RunConfig stored(String text, String place) {
        return parse(Hocon.stored(text, place), Substitutions.NONE);
    }

    private static RunConfig.Generated generated(ConfigSection root) {
        double from = root.number("data.generated.from", 0, Interval.ANY);
        double to = root.number("data.generated.to", 1, Interval.ANY);
        if (!(from < to)) {
            root.problem("data.generated.to", "is " + to + "; expected more than data.generated.from = " + from);
        }
        Rule rule = root.choice("data.generated.rule", Rule.LINEAR, Rule.class);
        boolean anyLength = rule == Rule.COPY || rule == Rule.REVERSE || rule == Rule.SEQUENCES || rule == Rule.TONES;
        int steps = root.integer("data.generated.steps", 10, 1, 1_000_000);
        return new RunConfig.Generated(
                rule,
                root.integer("data.generated.train", 10_000L, 1, Integer.MAX_VALUE),
                root.integer("data.generated.test", 1_000L, 0, Integer.MAX_VALUE),
                from,
                to,
                anyLength ? root.integer("data.generated.fewest", 1, 1, steps) : 1,
                steps,
                rule == Rule.POLYNOMIAL ? polynomial(root) : null,
                root.anyInteger("data.generated.seed", 1));
    }

    private static Polynomial polynomial(ConfigSection root) {
        List<Double> given = root.value(
                "data.generated.coefficients",
                "a list of finite numbers, the constant first",
                RunConfigParser::coefficients,
                List::copyOf);
        return new Polynomial(
                given == null ? List.of(0.0, 1.0) : given, root.number("data.generated.noise", 0, Interval.FROM_ZERO));
    }

    private static List<Double> coefficients(Object written) {
        List<Double> all = written instanceof List<?> list
                ? list.stream()
                        .map(number -> Double.valueOf(String.valueOf(number)))
                        .toList()
                : List.of();
        if (all.isEmpty() || !all.stream().allMatch(Double::isFinite)) {
            throw new IllegalArgumentException();
        }
        return all;
    }

    private static Every length(ConfigSection root) {
        if (root.has("train.iterations")) {
            if (root.has("train.epochs")) {
                root.problem("train.epochs", "is given together with train.iterations; give one of them");
            }
            root.knows("train.epochs");
            return new Every(root.free().integer("train.iterations", 1000L, 1, Integer.MAX_VALUE), Every.Unit.STEPS);
        }
        root.knows("train.iterations");
        return new Every(root.free().integer("train.epochs", 5L, 1, 1_000_000), Every.Unit.EPOCHS);
    }

    private static ClassWeights classWeights(ConfigSection root, NetworkSpec network) {
        String key = "train.class-weights";
        ClassWeights weights = ClassWeights.read(root, key);
        if (weights != null && network != null) {
            int given = weights.given().size();
            if (network.objective() != Objective.CLASSIFICATION) {
                root.problem(
                        key,
                        "is known with train.objective = classification only; here it is "
                                + network.objective().word());
            } else if (network.target().everyStep()) {
                root.problem(key, "is for one class an example; here every step of a sequence has its own");
            } else if (!weights.balanced() && given != network.classes()) {
                root.problem(
                        key, "has " + given + " weights; expected one for each of " + network.classes() + " classes");
            }
        }
        return weights;
    }

    private static RunConfig.Teaching teaching(ConfigSection root, NetworkSpec network) {
        String weight = "train.teacher-weight";
        String temperature = "train.temperature";
        String teacher = root.free().text("train.teacher", null);
        if (teacher == null) {
            for (String key : List.of(weight, temperature)) {
                root.knows(key);
                if (root.has(key)) {
                    root.problem(key, "is known with train.teacher only: it says how that teaches");
                }
            }
            return null;
        }
        RunConfig.Teaching teaching =
                new RunConfig.Teaching(teacher, root.share(weight, 0.9), root.upTo(temperature, 4, HOTTEST));
        if (network == null) {
            return teaching;
        }
        if (network.objective() != Objective.CLASSIFICATION) {
            root.problem(
                    "train.teacher",
                    "is known with train.objective = classification only; here it is "
                            + network.objective().word());
        } else if (network.input().hasTime()) {
            root.problem("train.teacher", "is for images and vectors; network.input is a sequence");
        } else if (network.loss() != LossFunction.CROSS_ENTROPY) {
            root.problem(
                    "train.teacher",
                    "is for networks that end with softmax and cross-entropy; this one has another loss");
        } else if (network.negatives() != null) {
            root.problem("train.teacher", "tells of all classes; leave out the output's negatives, which are some");
        }
        return teaching;
    }

    private static RunConfig.Training training(
            ConfigSection root,
            Every length,
            RateSchedule schedule,
            ClassWeights classWeights,
            double prune,
            RunConfig.Teaching teaching) {
        int batchSize = root.integer("train.batch-size", 128, 1, Integer.MAX_VALUE);
        int shards = root.integer("train.shards", 4, 1, Integer.MAX_VALUE);
        if (batchSize < shards) {
            root.problem(
                    "train.batch-size",
                    "is " + batchSize + ", below train.shards = " + shards + "; every shard needs an example");
        }
        Watch earlyStopping = new ScheduleParser(root).earlyStopping();
        ExchangeKind exchange = root.free().choice("train.exchange", ExchangeKind.GANG, ExchangeKind.class);
        double audit = root.free().share("train.audit", 0);
        if (audit > 0 && exchange != ExchangeKind.GANG) {
            root.problem("train.audit", "is known with train.exchange = gang only: its tasks compute at the same time");
        }
        boolean evaluationsDecide = earlyStopping != null || schedule.plateau() != null;
        return new RunConfig.Training(
                length,
                batchSize,
                shards,
                root.free().integer("train.tasks", 0, 0, Integer.MAX_VALUE),
                exchange,
                root.integer("train.sync-every", 1, 1, 1_000_000),
                (evaluationsDecide ? root : root.free()).every("train.evaluate-every", new Every(1, Every.Unit.EPOCHS)),
                root.free().flag("train.evaluate-train", false),
                root.free().every("train.checkpoint-every", new Every(1, Every.Unit.EPOCHS)),
                earlyStopping,
                classWeights,
                root.free().text("train.start-from", null),
                prune,
                teaching,
                root.free().every("train.histograms", null),
                audit,
                root.free().integer("train.log-every", 1, 1, Integer.MAX_VALUE));
    }
}
