package dev.lockstep.driver.loop;

import dev.lockstep.driver.config.ClassWeights;
import dev.lockstep.driver.config.Every;
import dev.lockstep.driver.config.RateSchedule.Plateau;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.config.Watch;
import dev.lockstep.driver.evaluate.Evaluator;
import dev.lockstep.driver.evaluate.Scores;
import dev.lockstep.driver.evaluate.SplitName;
import dev.lockstep.driver.exchange.Exchange;
import dev.lockstep.driver.feed.Feed;
import dev.lockstep.driver.source.Dataset;
import dev.lockstep.driver.source.ExampleSet;
import dev.lockstep.driver.source.ExampleWeights;
import dev.lockstep.driver.spark.SparkApplication;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.evaluate.Answer;
import dev.lockstep.worker.evaluate.StoredModel;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.ModelException;
import dev.lockstep.worker.loop.OptimizerSteps;
import dev.lockstep.worker.loop.Rounds;
import dev.lockstep.worker.model.NetworkSize;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.plan.BatchPlan;
import dev.lockstep.worker.plan.Sampling;
import dev.lockstep.worker.plan.Subset;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.seed.SeedLaw.Purpose;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A run as a configuration describes it: assembles the {@link TrainingLoop} and what listens to it. A call takes all it
 * needs and leaves nothing behind but the state it returns; closing the trainer frees the examples that the cluster holds
 * for it.
 */
public final class Trainer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Trainer.class);

    private final JavaSparkContext spark;
    private final RunConfig config;
    private final Dataset dataset;
    private final SeedLaw seeds;
    private final BatchPlan plan;
    private final Rounds rounds;
    private final Feed feed;
    private final Feed testFeed;
    private final Feed validationFeed; // null when what is held back is among the training examples
    private final TrainingLoop.TrainingSet examples;
    private final Exchange exchange;
    private final Map<SplitName, Evaluator> evaluators = new LinkedHashMap<>();
    private final EarlyStopping earlyStopping; // null when it is off
    private final List<EvaluateEvery.Consequence> consequences = new ArrayList<>();
    private final Map<Integer, NetworkSpec> networks = new HashMap<>(); // by cuts of the learning rate
    private final String configurationJson;
    private final SharedTeacher teacher; // null when nobody teaches
    private List<Double> classWeights; // null before anybody asks for them
    private List<Double> occurrences; // of the classes; null before anybody asks for them

    /** Of a run without a teacher. */
    public Trainer(JavaSparkContext spark, RunConfig config, Dataset dataset) {
        this(spark, config, dataset, null);
    }

    /** @param teacher what {@code train.teacher} names; null when it names nothing */
    public Trainer(JavaSparkContext spark, RunConfig config, Dataset dataset, StoredModel teacher) {
        RunConfig.Teaching teaching = config.training().teaching();
        if ((teaching == null) != (teacher == null)) {
            throw new IllegalArgumentException("train.teacher is " + teaching + ", but a teacher was "
                    + (teacher == null ? "not " : "") + "given");
        }
        MemoryNeed.check(config, spark.master());
        this.spark = spark;
        this.config = config;
        this.dataset = dataset;
        this.seeds = new SeedLaw(config.seed());
        long size = dataset.train().size();
        double heldBack = config.data().validationFraction();
        this.exchange = Exchange.of(
                config.training().exchange(), spark, seeds, config.training().audit());
        this.rounds = rounds(config, dataset);
        Subset training = Subset.training(seeds, size, heldBack);
        Subset resampled = training(spark, config, training);
        this.feed = Feed.of(spark, dataset.train(), slots());
        if (config.data().sampling() == Sampling.BUCKETS) {
            SortedByLength sorted = SortedByLength.of(spark, feed, resampled, dataset.format());
            this.plan = plan(config, dataset).with(sorted.buckets());
            this.examples = new TrainingLoop.TrainingSet(feed, sorted.examples());
        } else {
            this.plan = plan(config, dataset);
            this.examples = new TrainingLoop.TrainingSet(feed, resampled);
        }
        if (config.training().evaluateTrain()) {
            evaluators.put(SplitName.TRAIN, evaluator(feed, dataset.train(), training));
        }
        Subset validation = Subset.validation(seeds, size, heldBack);
        if (validation.size() > 0) {
            evaluators.put(SplitName.VALIDATION, evaluator(feed, dataset.train(), validation));
        }
        ExampleSet apart = dataset.validation();
        this.validationFeed = apart == null ? null : Feed.of(spark, apart, slots());
        if (apart != null) {
            evaluators.put(SplitName.VALIDATION, evaluator(validationFeed, apart, Subset.all(apart.size())));
        }
        this.testFeed = Feed.of(spark, dataset.test(), slots());
        if (dataset.test().size() > 0) {
            evaluators.put(
                    SplitName.TEST,
                    evaluator(
                            testFeed, dataset.test(), Subset.all(dataset.test().size())));
        }
        this.configurationJson = Networks.stockConfigurationJson(config.network());
        Watch stopping = config.training().earlyStopping();
        this.earlyStopping = stopping == null
                ? null
                : new EarlyStopping(WatchedMetric.of("train.early-stopping.metric", stopping, evaluators.keySet()));
        if (earlyStopping != null) {
            consequences.add(earlyStopping);
        }
        Plateau plateau = config.schedule().plateau();
        if (plateau != null) {
            consequences.add(new ReduceOnPlateau(
                    WatchedMetric.of("optimizer.schedule.metric", plateau.watch(), evaluators.keySet())));
        }
        this.teacher = teaching == null ? null : SharedTeacher.of(spark, teaching, teacher);
    }

    /**
     * What a run over this data computes, step by step.
     *
     * @throws ConfigurationException when a batch is larger than the training examples
     */
    public static BatchPlan plan(RunConfig config, Dataset dataset) {
        SeedLaw seeds = new SeedLaw(config.seed());
        long examples = Subset.training(
                        seeds, dataset.train().size(), config.data().validationFraction())
                .size();
        int batch = config.training().batchSize();
        if (examples < batch) {
            throw new ConfigurationException("train.batch-size: is " + batch + ", but there are only " + examples
                    + " training examples; make it smaller");
        }
        return new BatchPlan(
                seeds,
                examples,
                batch,
                config.training().shards(),
                config.data().sampling());
    }

    /** The rounds of a run over this data. */
    public static Rounds rounds(RunConfig config, Dataset dataset) {
        long steps = config.training().length().steps(plan(config, dataset).stepsPerEpoch());
        return new Rounds(config.training().syncEvery(), steps);
    }

    /**
     * How many steps are done when a run rests that was to do only so much of its training: those of whole rounds, and no
     * more than the run has. Whoever waits for a run to come to its rest asks here.
     */
    public static long restingStep(RunConfig config, Dataset dataset, Every budget) {
        return rounds(config, dataset)
                .ceiling(budget.steps(plan(config, dataset).stepsPerEpoch()));
    }

    /**
     * Refuses what does not go together, before anything is started.
     *
     * @throws ConfigurationException as {@link #plan}
     * @throws dev.lockstep.worker.failure.DataException when the weights of the examples cannot be read
     */
    public static void check(RunConfig config, Dataset dataset, Configuration hadoop) {
        plan(config, dataset);
        int tokens = config.network().tokens();
        int known = dataset.fitted().vocabulary() == null
                ? 0
                : dataset.fitted().vocabulary().tokens().size();
        if (tokens > 0 && known > tokens) {
            throw new ConfigurationException("network.layers: the embedding's vocabulary is " + tokens
                    + ", but the text's has " + known + " tokens; make it network.classes, or that smaller");
        }
        RunConfig.Bootstrap bootstrap = config.data().bootstrap();
        if (bootstrap != null && bootstrap.weights() != null) {
            double heldBack = config.data().validationFraction();
            Subset whole =
                    Subset.training(new SeedLaw(config.seed()), dataset.train().size(), heldBack);
            ExampleWeights.read(bootstrap.weights(), whole.size(), hadoop);
        }
    }

    private static Subset training(JavaSparkContext spark, RunConfig config, Subset whole) {
        RunConfig.Bootstrap bootstrap = config.data().bootstrap();
        if (bootstrap == null) {
            return whole;
        }
        double[] weights = bootstrap.weights() == null
                ? null
                : ExampleWeights.read(bootstrap.weights(), whole.size(), spark.hadoopConfiguration());
        return whole.resampled(new SeedLaw(config.seed()), weights);
    }

    public BatchPlan plan() {
        return plan;
    }

    /** The optimizer steps of the whole run. */
    public long totalSteps() {
        return rounds.totalSteps();
    }

    /** How executors took the last optimizer steps; null where there was one alone. */
    public OptimizerSteps optimizerSteps() {
        return exchange.optimizerSteps();
    }

    /** The Spark tasks that share a step now. */
    public int tasks() {
        return loop(LoopListener.of()).tasks();
    }

    /** The state before the first step: parameters by the seed law, optimizer state 0. */
    public TrainingState initialState() {
        return initialState(Networks.initialParameters(config.network(), seeds.seed(Purpose.INITIAL_WEIGHTS)));
    }

    /**
     * A state before the first step, with the parameters of another model: a start like any other. Optimizer state 0.
     *
     * @param parameters float32 in DL4J's flat order, as many as the network has
     */
    public TrainingState initialState(float[] parameters) {
        NetworkSize size = Networks.size(config.network());
        if (parameters.length != size.parameters()) {
            throw new ModelException("there are " + parameters.length
                    + " parameters to start from, but the network has " + size.parameters());
        }
        return new TrainingState(0, parameters, new float[Math.toIntExact(size.optimizerValues())]);
    }

    /** Whether there is nothing left to train: the run's steps are done, or early stopping has lost its patience. */
    public boolean isFinished(TrainingState state) {
        return state.step() >= totalSteps() || earlyStopping != null && earlyStopping.shouldStop(state);
    }

    /** The state to be kept of a finished run: the last one, or with early stopping the best. */
    public TrainingState kept(TrainingState last) {
        return earlyStopping == null ? last : earlyStopping.kept(last);
    }

    /** What early stopping did in a run that finished with this state, for the user; empty when it is off. */
    public Optional<String> earlyStopping(TrainingState last) {
        return Optional.ofNullable(earlyStopping).map(watching -> watching.story(last, plan.stepsPerEpoch()));
    }

    /** Trains to the end of the run. */
    public TrainingState train(TrainingState from, LoopListener listener) {
        return train(() -> from, totalSteps(), listener);
    }

    /**
     * Trains from a state until so many steps are done, or until the listener asks to stop. The last state is evaluated
     * and a checkpoint.
     *
     * @param from as {@link TrainingLoop#run} asks for it
     * @param toStep at most {@link #totalSteps}, rounded up to the end of a round; where it lies changes no bit of the
     *     steps after it
     * @return the last state
     * @throws dev.lockstep.worker.failure.DivergenceException when a loss or gradient is not finite
     */
    public TrainingState train(Supplier<TrainingState> from, long toStep, LoopListener listener) {
        return loop(listener).run(state -> network(state.memory().cuts()), from, toStep);
    }

    private TrainingLoop loop(LoopListener listener) {
        long stepsPerEpoch = plan.stepsPerEpoch();
        List<LoopListener> all = new ArrayList<>();
        if (!evaluators.isEmpty()) {
            all.add(new EvaluateEvery(
                    config.training().evaluateEvery(),
                    stepsPerEpoch,
                    state -> evaluate(state, listener),
                    consequences));
        }
        all.add(new CheckpointEvery(
                config.training().checkpointEvery(), stepsPerEpoch, rounds, this::isFinished, listener::checkpoint));
        if (earlyStopping != null) {
            all.add(earlyStopping);
        }
        all.add(listener);
        int wanted = config.training().tasks();
        return new TrainingLoop(
                plan, rounds, examples, exchange, wanted == 0 ? this::slots : () -> wanted, new LoopListeners(all));
    }

    /** The network as it is trained from the first step. */
    public NetworkSpec network() {
        return network(0);
    }

    /** The network after so many cuts of the learning rate by a plateau. */
    private NetworkSpec network(int cuts) {
        return networks.computeIfAbsent(cuts, any -> config.network()
                .of(dataset.format())
                .weighing(classWeights())
                .drawing(occurrences())
                .taught(teacher == null ? null : teacher.distillation())
                .with(config.schedule().inSteps(plan.stepsPerEpoch(), cuts)));
    }

    /** Empty when all classes count the same. */
    private List<Double> classWeights() {
        if (classWeights == null) {
            ClassWeights wanted = config.training().classWeights();
            if (wanted == null) {
                classWeights = List.of();
            } else if (wanted.balanced()) {
                classWeights = BalancedClasses.weights(spark, feed, examples.subset(), dataset.format());
                LOG.info("train.class-weights = balanced is {}", classWeights);
            } else {
                classWeights = wanted.given();
            }
        }
        return classWeights;
    }

    /** Empty when nobody asks how often the classes come up. */
    private List<Double> occurrences() {
        if (occurrences == null) {
            occurrences = config.network().negatives() == null
                    ? List.of()
                    : BalancedClasses.occurrences(spark, feed, examples.subset(), dataset.format());
        }
        return occurrences;
    }

    /** Scores a state on every split that there is. */
    public Map<SplitName, Scores> evaluate(TrainingState state, LoopListener listener) {
        Map<SplitName, Scores> all = new EnumMap<>(SplitName.class);
        evaluators.forEach((split, evaluator) -> {
            String name = split.name().toLowerCase(Locale.ROOT);
            Scores scores = evaluator.evaluate(model(state), "evaluate on " + name + " after step " + state.step());
            all.put(split, scores);
            listener.evaluated(split, state, scores);
        });
        return all;
    }

    /** The scores on the test split, which nobody else is told of; null when there is none. */
    public Scores testScores(TrainingState state) {
        Evaluator test = evaluators.get(SplitName.TEST);
        return test == null ? null : test.evaluate(model(state), "evaluate on test after step " + state.step());
    }

    /** The network's answers to the first test examples; none when there is no test split. */
    public List<Answer> samplePredictions(TrainingState state, int count) {
        Evaluator test = evaluators.get(SplitName.TEST);
        return test == null ? List.of() : test.predict(model(state), count, "sample predictions");
    }

    private StoredModel model(TrainingState state) {
        return new StoredModel(configurationJson, state.parameters());
    }

    private Evaluator evaluator(Feed of, ExampleSet examples, Subset subset) {
        return new Evaluator(
                spark, of, subset, examples.format(), config.network().objective());
    }

    @Override
    public void close() {
        evaluators.values().forEach(Evaluator::close);
        feed.close();
        testFeed.close();
        if (validationFeed != null) {
            validationFeed.close();
        }
        if (teacher != null) {
            teacher.close();
        }
    }

    private int slots() {
        return Math.max(1, SparkApplication.slots(spark)); // none while a lost executor is replaced
    }
}
