package dev.lockstep.driver.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import dev.lockstep.driver.config.RlConfig.Method;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.model.Interval;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Reinforcement;
import dev.lockstep.worker.model.Reinforcement.Kind;
import dev.lockstep.worker.rl.Environment.Space;
import dev.lockstep.worker.rl.Grid;
import dev.lockstep.worker.rl.World;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the configuration of {@code rl}; its network and optimizer are read as those of {@code train}. */
public final class RlParser {
    private static final String ENVIRONMENT = "environment.name";
    private static final String LAYERS = "network.layers";
    /** What follows from the environment and the algorithm. */
    private static final List<String> GIVEN = List.of("network.input", "network.targets", "train.objective");

    private static final int HIDDEN = 64;
    /** They lie in one array. */
    private static final long MOST_REMEMBERED = Integer.MAX_VALUE / 2;

    private final ConfigSection root;

    private RlParser(ConfigSection root) {
        this.root = root;
    }

    /** @throws ConfigurationException that names every problem found, one a line */
    public static RlConfig parse(Config config, Substitutions substitutions) {
        Config resolved = substitutions.resolved(config);
        List<String> problems = new ArrayList<>();
        RlParser first = new RlParser(new ConfigSection(resolved, resolved, "", problems));
        World world = first.world();
        Method method = first.method();
        ConfigurationException.refuse(problems, "the configuration");
        Space space = world.space();
        Config whole = complete(resolved, space, method);
        Config masked = complete(substitutions.masked(config), space, method);
        ConfigSection root = new ConfigSection(whole, masked, "", problems);
        GIVEN.stream()
                .filter(resolved::hasPath)
                .forEach(key -> root.problem(key, "follows from the environment and the algorithm; leave it out"));
        RlConfig parsed = new RlParser(root).parse(space, substitutions);
        root.close();
        ConfigurationException.refuse(problems, "the configuration");
        return parsed;
    }

    /** With what {@code train} would have to be told. */
    private static Config complete(Config config, Space space, Method method) {
        if (method == Method.Q_LEARNING) {
            return config;
        }
        List<Object> layers = new ArrayList<>();
        if (!config.hasPath(LAYERS)) {
            Map<String, Object> hidden =
                    Map.of("type", "dense", "units", HIDDEN, "activation", method.learnsPolicy() ? "tanh" : "relu");
            layers.addAll(List.of(hidden, hidden));
        } else if (config.getValue(LAYERS) instanceof ConfigList given) {
            layers.addAll(given);
        } else {
            return config; // its reader says so
        }
        layers.add(Map.of("type", "output", "loss", "squared-error", "weight-init", "xavier"));
        return config.withValue(LAYERS, ConfigValueFactory.fromIterable(layers))
                .withValue("network.input", ConfigValueFactory.fromIterable(List.of(space.values())))
                .withValue("network.targets", ConfigValueFactory.fromAnyRef(outputs(space, method)))
                .withValue("train.objective", ConfigValueFactory.fromAnyRef("regression"));
    }

    /** Without it. */
    private static Config bare(Config resolved) {
        if (!resolved.hasPath(LAYERS) || resolved.getList(LAYERS).isEmpty()) {
            return resolved;
        }
        List<ConfigValue> layers = resolved.getList(LAYERS);
        Config bare = resolved.withValue(LAYERS, ConfigValueFactory.fromIterable(layers.subList(0, layers.size() - 1)));
        for (String key : GIVEN) {
            bare = bare.withoutPath(key);
        }
        return bare;
    }

    private static int outputs(Space space, Method method) {
        return space.actions() + (method.learnsPolicy() ? 1 : 0);
    }

    private RlConfig parse(Space space, Substitutions substitutions) {
        String name = RunConfigParser.name(root, "rl");
        long seed = root.anyInteger("seed", 1);
        World world = world();
        Method method = method();
        if (method == Method.Q_LEARNING && space.states() == 0) {
            root.problem(
                    "algorithm.name",
                    "is q-learning, whose table needs states that can be counted, and " + world.name()
                            + " has none; expected dqn, reinforce or ppo");
        }
        RlConfig.Training training = training(method);
        RlConfig.Algorithm algorithm = algorithm(method, training, space);
        NetworkSpec network = method == Method.Q_LEARNING ? null : network(method);
        RlConfig.Examination examination = new RlConfig.Examination(
                root.integer("evaluation.every", 10, 1, Integer.MAX_VALUE),
                root.integer("evaluation.episodes", 100, 1, 1_000_000),
                root.has("evaluation.stop-at")
                        ? root.number("evaluation.stop-at", 0, Interval.ANY)
                        : Double.POSITIVE_INFINITY);
        root.knows("evaluation.stop-at");
        Config resolved = bare(ConfigFactory.parseMap(root.resolved()));
        return new RlConfig(
                name,
                seed,
                world,
                algorithm,
                network,
                examination,
                training,
                new RunConfig.Written(
                        substitutions.unmasked(resolved),
                        root.secrets(),
                        root.freeKeys(),
                        root.usualKeys(),
                        List.of()));
    }

    private World world() {
        Map<String, World.Kind> kinds = new LinkedHashMap<>();
        for (World.Kind kind : World.Kind.values()) {
            kinds.put(kind.word(), kind);
        }
        String fallback = World.Kind.CARTPOLE.word();
        String given = root.text(ENVIRONMENT, fallback);
        boolean own = given.contains(".");
        String name = own ? given : root.word(ENVIRONMENT, fallback, kinds.keySet());
        World.Kind kind = kinds.get(name); // null of a user's own, and where there is no such
        Grid.Plan plan = kind != null && kind.isGrid() ? plan(kind == World.Kind.FROZENLAKE) : null;
        int limit = plan == null ? 500 : plan.rows().size() > 4 ? 200 : 100;
        return new World(name, plan, root.integer("environment.step-limit", limit, 1, 1_000_000));
    }

    private Grid.Plan plan(boolean lake) {
        String key = "environment.map";
        List<String> rows = root.texts(key, lake ? Grid.LAKE_4 : Grid.GRIDWORLD);
        if (rows.equals(List.of("4x4")) || rows.equals(List.of("8x8"))) {
            rows = rows.get(0).equals("4x4") ? Grid.LAKE_4 : Grid.LAKE_8;
        }
        Grid.Plan plan = new Grid.Plan(
                rows,
                root.flag("environment.slippery", lake),
                root.number("environment.step-reward", lake ? 0 : -1, Interval.ANY),
                root.number("environment.goal-reward", lake ? 1 : 0, Interval.ANY),
                root.number("environment.hole-reward", 0, Interval.ANY));
        if (plan.problem() != null) {
            root.problem(key, plan.problem());
        }
        return plan;
    }

    private Method method() {
        return root.choice("algorithm.name", Method.PPO, Method.class);
    }

    private RlConfig.Training training(Method method) {
        int tasks = root.free().integer("train.tasks", 0, 0, Integer.MAX_VALUE);
        int every = root.free().integer("train.checkpoint-every", 10, 1, Integer.MAX_VALUE);
        if (method == Method.Q_LEARNING) {
            return new RlConfig.Training(0, 1, tasks, ExchangeKind.LOCAL, every);
        }
        int batchSize = method == Method.REINFORCE ? 0 : root.integer("train.batch-size", 128, 1, Integer.MAX_VALUE);
        int shards = root.integer("train.shards", 2, 1, Integer.MAX_VALUE);
        if (batchSize > 0 && batchSize < shards) {
            root.problem(
                    "train.batch-size",
                    "is " + batchSize + ", below train.shards = " + shards + "; every shard needs an example");
        }
        return new RlConfig.Training(
                batchSize,
                shards,
                tasks,
                root.free().choice("train.exchange", ExchangeKind.LOCAL, ExchangeKind.class),
                every);
    }

    private RlConfig.Algorithm algorithm(Method method, RlConfig.Training training, Space space) {
        boolean policy = method.learnsPolicy();
        int iterations = root.integer("algorithm.iterations", 200, 1, 10_000_000);
        return new RlConfig.Algorithm(
                method,
                iterations,
                root.integer("algorithm.episodes", 16, 1, 100_000),
                root.share("algorithm.discount", 0.99),
                method == Method.PPO ? root.share("algorithm.lambda", 0.95) : 1,
                policy && root.flag("algorithm.normalise", true),
                method == Method.PPO ? root.integer("algorithm.epochs", 10, 1, 1000) : 1,
                method == Method.Q_LEARNING ? root.upTo("algorithm.learning-rate", 0.1, 1) : 0,
                policy ? null : exploration(),
                method == Method.DQN ? replay(training.batchSize(), space) : null);
    }

    private RlConfig.Exploration exploration() {
        return new RlConfig.Exploration(
                root.share("algorithm.exploration", 1),
                root.share("algorithm.exploration-end", 0.05),
                root.integer("algorithm.exploration-iterations", 100, 1, 10_000_000));
    }

    private RlConfig.Replay replay(int batchSize, Space space) {
        int capacity = root.integer("algorithm.replay", 50_000, 1, 10_000_000);
        long most = MOST_REMEMBERED / RlConfig.Replay.width(space.values());
        if (capacity > most) {
            root.problem(
                    "algorithm.replay",
                    "is " + capacity + ", but no more than " + most + " steps can be remembered of " + space.values()
                            + " values each");
        }
        int warmUp = root.integer("algorithm.warm-up", 1000, 1, Integer.MAX_VALUE);
        if (warmUp > capacity) {
            root.problem(
                    "algorithm.warm-up",
                    "is " + warmUp + ", more than algorithm.replay = " + capacity
                            + " remembers: nothing would ever be learnt");
        }
        if (batchSize > capacity) {
            root.problem(
                    "algorithm.replay", "is " + capacity + ", less than a batch of train.batch-size = " + batchSize);
        }
        return new RlConfig.Replay(capacity, warmUp, root.integer("algorithm.updates", 100, 1, 1_000_000));
    }

    private NetworkSpec network(Method method) {
        RunConfig.Data none = new RunConfig.Data(null, null, 0, 0, 0, null, null, null, null, null, List.of());
        NetworkSpec network = new NetworkParser(root, none).parse();
        Kind kind = method == Method.DQN
                ? Kind.ACTION_VALUES
                : method == Method.PPO ? Kind.CLIPPED_POLICY : Kind.POLICY_GRADIENT;
        Reinforcement how = new Reinforcement(
                kind,
                kind.hasValue() ? root.number("algorithm.value-weight", 0.5, Interval.FROM_ZERO) : 0,
                kind.hasValue() ? root.number("algorithm.entropy-weight", 0, Interval.FROM_ZERO) : 0,
                kind == Kind.CLIPPED_POLICY ? root.number("algorithm.clip", 0.2, Interval.POSITIVE) : 1);
        return network == null ? null : network.acting(how);
    }
}
