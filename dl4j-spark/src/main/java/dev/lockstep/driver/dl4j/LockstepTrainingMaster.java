package dev.lockstep.driver.dl4j;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lockstep.driver.config.ExchangeKind;
import dev.lockstep.driver.exchange.Exchange;
import dev.lockstep.driver.loop.TrainingLoop;
import dev.lockstep.driver.spark.SparkApplication;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.dl4j.Network;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.loop.Rounds;
import dev.lockstep.worker.model.NetworkDefinition;
import dev.lockstep.worker.plan.BatchPlan;
import dev.lockstep.worker.plan.Sampling;
import dev.lockstep.worker.plan.Subset;
import dev.lockstep.worker.seed.SeedLaw;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.core.loader.DataSetLoader;
import org.deeplearning4j.core.loader.MultiDataSetLoader;
import org.deeplearning4j.core.storage.StatsStorageRouter;
import org.deeplearning4j.core.storage.listener.RoutingIterationListener;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.deeplearning4j.spark.api.TrainingHook;
import org.deeplearning4j.spark.api.TrainingMaster;
import org.deeplearning4j.spark.api.TrainingResult;
import org.deeplearning4j.spark.api.TrainingWorker;
import org.deeplearning4j.spark.api.stats.SparkTrainingStats;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains DL4J's {@link SparkDl4jMultiLayer} and {@link SparkComputationGraph} exactly: the trained bits depend on the
 * network, the examples with their order in the RDD, and this object's settings; not on partitions, tasks or executors.
 * A call of {@code fit} is one epoch, its order drawn by the seed law over the examples as the RDD numbers them
 * ({@code zipWithIndex}); iterations and epochs count on from the network's own. The examples of an RDD are packed at the
 * first {@code fit} and used again by later ones, until {@link #deleteTempFiles} or another RDD.
 *
 * <p>Listeners are those of the network and those given to DL4J's Spark object. They are called on the driver, once a
 * step, with the step's loss as the network's score; the network's parameters are those of the last epoch until the epoch
 * ends, and its input and labels have the batch's sizes, but not its values, which are with the executors. A {@code fit}
 * that fails leaves the network as it found it. Not for several threads.
 */
public final class LockstepTrainingMaster implements TrainingMaster<TrainingResult, TrainingWorker<TrainingResult>> {
    private static final Logger LOG = LoggerFactory.getLogger(LockstepTrainingMaster.class);
    private static final String KRYO = "org.apache.spark.serializer.KryoSerializer";

    private final Settings settings;
    private final Set<TrainingListener> listeners = new LinkedHashSet<>();
    private JavaRDD<?> source;
    private DataSetExamples examples;

    private record Settings(int batchSize, int shards, int syncEvery, long seed, ExchangeKind exchange) {}

    private LockstepTrainingMaster(Settings settings) {
        this.settings = settings;
    }

    /** Settings, each as the configuration key of its name means it; see docs/configuration.md. */
    public static final class Builder {
        private final int batchSize;
        private int shards = 4;
        private int syncEvery = 1;
        private long seed = 1;
        private ExchangeKind exchange = ExchangeKind.GANG;

        /** @param batchSize examples a step, of all shards together */
        public Builder(int batchSize) {
            this.batchSize = batchSize;
        }

        /** The parts of a batch: part of the experiment, and the most tasks that can share a step; 4 by default. */
        public Builder shards(int parts) {
            this.shards = parts;
            return this;
        }

        /** The steps that a shard takes by itself before models are averaged; 1, exact synchronous SGD, by default. */
        public Builder syncEvery(int steps) {
            this.syncEvery = steps;
            return this;
        }

        /** Of the order of examples and of dropout; 1 by default. */
        public Builder seed(long value) {
            this.seed = value;
            return this;
        }

        /** How a step is run, which never changes the result; GANG by default. */
        public Builder exchange(ExchangeKind kind) {
            this.exchange = kind;
            return this;
        }

        /** @throws ConfigurationException when a setting is out of range */
        public LockstepTrainingMaster build() {
            if (shards < 1 || syncEvery < 1 || batchSize < shards) {
                throw new ConfigurationException(
                        "a LockstepTrainingMaster needs shards and syncEvery from 1 and a batch"
                                + " size from shards; found shards = " + shards + ", syncEvery = " + syncEvery
                                + ", batch size = " + batchSize);
            }
            return new LockstepTrainingMaster(new Settings(batchSize, shards, syncEvery, seed, exchange));
        }
    }

    @Override
    public void executeTraining(SparkDl4jMultiLayer spark, JavaRDD<DataSet> trainingData) {
        train(spark.getSparkContext(), fitted(spark), trainingData, trainingData);
    }

    @Override
    public void executeTraining(SparkComputationGraph spark, JavaRDD<DataSet> trainingData) {
        train(spark.getSparkContext(), fitted(spark), trainingData, trainingData);
    }

    @Override
    public void executeTrainingMDS(SparkComputationGraph spark, JavaRDD<MultiDataSet> trainingData) {
        FittedNetwork network = fitted(spark);
        train(spark.getSparkContext(), network, trainingData, trainingData.map(LockstepTrainingMaster::single));
    }

    private FittedNetwork fitted(SparkDl4jMultiLayer spark) {
        return new FittedNetwork(Network.of(spark.getNetwork()), spark.getScore(), spark::setScore, listeners);
    }

    private FittedNetwork fitted(SparkComputationGraph spark) {
        return new FittedNetwork(Network.of(spark.getNetwork()), spark.getScore(), spark::setScore, listeners);
    }

    private static DataSet single(MultiDataSet set) {
        if (set.numFeatureArrays() != 1 || set.numLabelsArrays() != 1) {
            throw new DataException("a MultiDataSet has " + set.numFeatureArrays() + " arrays of features and "
                    + set.numLabelsArrays() + " of labels; expected one of each");
        }
        return new DataSet(
                set.getFeatures(0), set.getLabels(0), set.getFeaturesMaskArray(0), set.getLabelsMaskArray(0));
    }

    /** Trains for one epoch; when that fails, the network is as it was. */
    private void train(JavaSparkContext spark, FittedNetwork network, JavaRDD<?> of, JavaRDD<DataSet> trainingData) {
        if (spark.getConf().get("spark.serializer", "").equals(KRYO)) {
            throw new ConfigurationException(
                    "spark.serializer: is " + KRYO
                            + ", which cannot build Java's records; leave it out or set org.apache.spark.serializer.JavaSerializer");
        }
        read(spark, of, trainingData);
        if (examples.size() < settings.batchSize()) {
            throw new ConfigurationException("the batch size is " + settings.batchSize() + ", but there are only "
                    + examples.size() + " examples; make it smaller");
        }
        network.requireFits(examples.shape(), examples.outputs());
        if (settings.shards() > 1) {
            network.warnOfWhatIsNoSum();
        }
        SeedLaw seeds = new SeedLaw(settings.seed());
        TrainingState from = network.state();
        BatchPlan plan = new BatchPlan(
                seeds,
                examples.size(),
                settings.batchSize(),
                settings.shards(),
                Sampling.EPOCH,
                from.step(),
                network.epoch());
        Rounds rounds = new Rounds(settings.syncEvery(), plan.firstStep() + plan.stepsPerEpoch());
        try {
            TrainingLoop loop = new TrainingLoop(
                    plan,
                    rounds,
                    new TrainingLoop.TrainingSet(examples.feed(), Subset.all(examples.size())),
                    Exchange.of(settings.exchange(), spark, seeds, 0),
                    () -> SparkApplication.slots(spark),
                    network);
            NetworkDefinition definition = network.definition(examples.shape(), examples.outputs());
            network.begin();
            network.end(loop.run(state -> definition, () -> from, rounds.totalSteps()));
        } catch (Throwable e) { // Scala throws what Java does not declare
            network.putBack(from);
            throw e;
        }
    }

    private void read(JavaSparkContext spark, JavaRDD<?> of, JavaRDD<DataSet> trainingData) {
        if (source == null || source.rdd() != of.rdd()) {
            forget();
            examples = new DataSetExamples(spark, trainingData);
            source = of;
        }
    }

    private void forget() {
        if (examples != null) {
            examples.close();
        }
        examples = null;
        source = null;
    }

    @Override
    public void setListeners(Collection<TrainingListener> all) {
        listeners.clear();
        listeners.addAll(all);
    }

    @Override
    public void setListeners(StatsStorageRouter router, Collection<TrainingListener> all) {
        setListeners(all);
        for (TrainingListener listener : all) { // they are on the driver, and store what they see there
            if (listener instanceof RoutingIterationListener routing && routing.getStorageRouter() == null) {
                routing.setStorageRouter(router);
            }
        }
    }

    /** Frees what the cluster keeps of the examples. */
    @Override
    public boolean deleteTempFiles(JavaSparkContext spark) {
        forget();
        return true;
    }

    @Override
    public boolean deleteTempFiles(SparkContext spark) {
        forget();
        return true;
    }

    @Override
    public String toJson() {
        try {
            return new ObjectMapper().writeValueAsString(described());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String toYaml() {
        return described().entrySet().stream()
                .map(setting -> setting.getKey() + ": " + setting.getValue() + "\n")
                .collect(Collectors.joining());
    }

    private Map<String, Object> described() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("batchSize", settings.batchSize());
        all.put("shards", settings.shards());
        all.put("syncEvery", settings.syncEvery());
        all.put("seed", settings.seed());
        all.put("exchange", settings.exchange().name());
        return all;
    }

    // What belongs to DL4J's own way of training.

    @Override
    public void executeTrainingPaths(
            SparkDl4jMultiLayer network,
            SparkComputationGraph graph,
            JavaRDD<String> paths,
            DataSetLoader loader,
            MultiDataSetLoader multiLoader) {
        throw new ConfigurationException(
                "a LockstepTrainingMaster trains on RDDs of DataSets, not on paths; load them: fit(paths.map(...))");
    }

    @Override
    public TrainingWorker<TrainingResult> getWorkerInstance(SparkDl4jMultiLayer network) {
        throw new UnsupportedOperationException("a LockstepTrainingMaster has no workers of DL4J's kind");
    }

    @Override
    public TrainingWorker<TrainingResult> getWorkerInstance(SparkComputationGraph graph) {
        throw new UnsupportedOperationException("a LockstepTrainingMaster has no workers of DL4J's kind");
    }

    @Override
    public void addHook(TrainingHook hook) {
        throw new ConfigurationException("hooks run in DL4J's workers, which a LockstepTrainingMaster does not have;"
                + " use a TrainingListener");
    }

    @Override
    public void removeHook(TrainingHook hook) {}

    @Override
    public void setCollectTrainingStats(boolean collect) {
        if (collect) {
            LOG.warn(
                    "a LockstepTrainingMaster collects no SparkTrainingStats; Spark's UI and listeners show its steps");
        }
    }

    @Override
    public boolean getIsCollectTrainingStats() {
        return false;
    }

    /** @return null: see {@link #setCollectTrainingStats} */
    @Override
    public SparkTrainingStats getTrainingStats() {
        return null;
    }
}
