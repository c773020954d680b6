package dev.lockstep.bench.mode;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.driver.source.Dataset;
import dev.lockstep.driver.source.FileExamples;
import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.layer.LastStep;
import dev.lockstep.worker.model.layer.OwnLayer;
import dev.lockstep.worker.plan.BatchPlan;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.seed.SeedLaw.Purpose;
import dev.lockstep.worker.source.Split;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;

/**
 * What every mode trains: one network with Adam on the bundled images or made-up sequences, shards of 64 examples, as many a step as there are
 * tasks, or more.
 *
 * @param network the name on the command line and in the results
 * @param base the run's configuration, but for its length and exchange
 * @param dataset training images alone, as many as fill every batch of an epoch
 * @param plan which example is in which step and shard
 * @param tasks that compute, at most as many as there are shards
 */
public record Workload(String network, Config base, NetworkSpec spec, Dataset dataset, BatchPlan plan, int tasks) {
    public static final int EXAMPLES_A_SHARD = 64;
    /** The bundled training images. */
    public static final int EXAMPLES = 12_000;

    /**
     * @param network lenet, lenet-bn, deep, any configuration that comes with Lockstep, or a {@link SequenceNetwork}
     * @param examples the images to use at most
     * @throws ConfigurationException when there is no such network
     */
    public static Workload of(String network, int tasks, int shards, int examples, Configuration hadoop) {
        int batch = EXAMPLES_A_SHARD * shards;
        if (shards < tasks) {
            throw new ConfigurationException(
                    "--shards: " + tasks + " tasks need as many shards at least, found " + shards);
        } else if (examples < batch) {
            throw new ConfigurationException("--examples: " + shards + " shards of " + EXAMPLES_A_SHARD + " need "
                    + batch + " examples a step, there are " + examples);
        }
        Optional<SequenceNetwork> sequences = SequenceNetwork.named(network);
        List<String> settings = new ArrayList<>(sequences
                .map(known -> known.settings(batch))
                .orElse(List.of(
                        "data.path=bundled:fashion-mnist-12k",
                        "data.train-limit=" + examples / batch * batch,
                        "data.test-limit=1")));
        settings.addAll(List.of(
                "optimizer.name=adam", "train.batch-size=" + batch, "train.shards=" + shards, "train.tasks=" + tasks));
        Config named = sequences.isPresent()
                ? ConfigFactory.empty()
                : named(network).withoutPath("train").withoutPath("optimizer");
        Config base = RunConfigParser.override(named, settings);
        RunConfig config = RunConfigParser.parse(base);
        NetworkSpec spec = config.network();
        Dataset opened = Dataset.open(config.data(), spec.input(), spec.target(), hadoop);
        Dataset dataset = opened.withTest(new FileExamples(new NoExamples(opened.format())));
        BatchPlan plan = new BatchPlan(
                new SeedLaw(config.seed()),
                dataset.train().size(),
                batch,
                shards,
                config.data().sampling());
        return new Workload(network, base, spec, dataset, plan, tasks);
    }

    private static Config named(String network) {
        String resource = "conf/" + (network.equals("deep") ? "deep-convnet" : network) + ".conf";
        try {
            return ConfigFactory.parseResources(
                    RunConfigParser.class.getClassLoader(),
                    resource,
                    ConfigParseOptions.defaults().setAllowMissing(false));
        } catch (ConfigException.IO e) {
            throw new ConfigurationException("--networks: no network '" + network
                    + "' comes with Lockstep; expected lenet, lenet-bn, deep, the name of a configuration, or a network of sequences such as"
                    + " lstm-128x32");
        }
    }

    /** Shards of a step. */
    public int shards() {
        return plan.shards();
    }

    /** Examples a step. */
    public int batchSize() {
        return plan.batchSize();
    }

    public SeedLaw seeds() {
        return plan.seeds();
    }

    /**
     * The configuration of a run of so many steps, with a checkpoint at its end: the bundled images are a tenth of a usual
     * data set, and after each of their epochs would be ten times as often as users ask for.
     *
     * @param exchange as the configuration names it, or null for the default one
     * @param more settings, which count
     * @throws ConfigurationException when there is no such exchange
     */
    RunConfig run(String exchange, long steps, List<String> more) {
        List<String> settings =
                new ArrayList<>(List.of("train.iterations=" + steps, "train.checkpoint-every=" + steps + " steps"));
        if (exchange != null) {
            settings.add("train.exchange=" + exchange);
        }
        settings.addAll(more);
        return RunConfigParser.parse(RunConfigParser.override(base, settings));
    }

    /**
     * What DL4J as it comes can train; taking the last step of a sequence, which is a copy, may be ours.
     *
     * @throws ConfigurationException when there is a layer that it lacks
     */
    MultiLayerConfiguration stock() {
        spec.nodes().stream()
                .filter(node ->
                        node.layer() instanceof OwnLayer && !(node.layer() instanceof LastStep) || !spec.isStack())
                .findFirst()
                .ifPresent(node -> {
                    throw new ConfigurationException("--modes: DL4J has nothing that computes "
                            + node.layer().type() + " of " + network + "; leave its modes out");
                });
        return Networks.stack(spec, seeds().seed(Purpose.INITIAL_WEIGHTS));
    }

    ExampleFormat format() {
        return dataset.train().format();
    }

    /** The packed examples of one shard for each step of an epoch, in memory: for the modes without our data feed. */
    public List<List<byte[]>> shardOfEachStep(int shard) {
        List<byte[]> all = dataset.train().firstPacked(dataset.train().size());
        List<List<byte[]>> found = new ArrayList<>();
        for (long step = 0; step < plan.stepsPerEpoch(); step++) {
            List<byte[]> examples = new ArrayList<>();
            int end = plan.shardStart(plan.batchSize(step), shard + 1);
            for (int position = plan.shardStart(plan.batchSize(step), shard); position < end; position++) {
                examples.add(all.get((int) plan.example(step, position)));
            }
            found.add(examples);
        }
        return found;
    }

    /** So that training is not followed by an evaluation. */
    private record NoExamples(ExampleFormat format) implements Split {
        @Override
        public long size() {
            return 0;
        }

        @Override
        public Block read(long from, long to) {
            throw new IndexOutOfBoundsException("there are no examples to read");
        }
    }
}
