package dev.lockstep.driver.dl4j;

import static dev.lockstep.driver.dl4j.Dl4jPrograms.BATCH;
import static dev.lockstep.driver.dl4j.Dl4jPrograms.EXAMPLES;
import static dev.lockstep.driver.dl4j.Dl4jPrograms.rdd;
import static dev.lockstep.driver.dl4j.Dl4jPrograms.set;
import static dev.lockstep.driver.dl4j.Dl4jPrograms.stack;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.worker.natives.Natives;
import dev.lockstep.worker.plan.BatchPlan;
import dev.lockstep.worker.plan.Sampling;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.seed.SeedLaw.Purpose;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.core.listener.SystemInfoFilePrintListener;
import org.deeplearning4j.core.listener.SystemInfoPrintListener;
import org.deeplearning4j.core.storage.StatsStorageRouter;
import org.deeplearning4j.core.storage.listener.RoutingIterationListener;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.optimize.api.InvocationType;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.deeplearning4j.optimize.listeners.CheckpointListener;
import org.deeplearning4j.optimize.listeners.CollectScoresIterationListener;
import org.deeplearning4j.optimize.listeners.ComposableIterationListener;
import org.deeplearning4j.optimize.listeners.EvaluativeListener;
import org.deeplearning4j.optimize.listeners.FailureTestingListener;
import org.deeplearning4j.optimize.listeners.PerformanceListener;
import org.deeplearning4j.optimize.listeners.ScoreIterationListener;
import org.deeplearning4j.optimize.listeners.SleepyTrainingListener;
import org.deeplearning4j.optimize.listeners.TimeIterationListener;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** The listeners that DL4J ships, beside what they see of stock DL4J's fit; one shard, DL4J's own layers. */
class Dl4jListenersTest {
    private static final String KERNELS = "lockstep.kernels";
    private static final int EPOCHS = 2;
    private static final int STEPS_AN_EPOCH = (EXAMPLES + BATCH - 1) / BATCH;

    private static JavaSparkContext spark;

    @TempDir
    private static Path temporary;

    @BeforeAll
    static void start() {
        Natives.ready();
        spark = new JavaSparkContext(new SparkConf()
                .setMaster("local[2]")
                .setAppName("listeners test")
                .set("spark.ui.enabled", "false"));
    }

    @AfterAll
    static void stop() {
        spark.stop();
    }

    @BeforeEach
    void stockLayers() {
        System.setProperty(KERNELS, "off");
    }

    @AfterEach
    void kernelsAsTheyWere() {
        System.clearProperty(KERNELS);
    }

    /** What every listener can see. */
    private static final class Seen extends BaseTrainingListener {
        final List<String> calls = new ArrayList<>();
        final List<Double> scores = new ArrayList<>();

        @Override
        public void iterationDone(Model model, int iteration, int epoch) {
            calls.add("iteration " + iteration + " of epoch " + epoch + ", batch " + model.batchSize() + ", input "
                    + List.of(model.input().size(0), model.input().size(1)));
            scores.add(model.score());
        }

        @Override
        public void onEpochStart(Model model) {
            calls.add("start");
        }

        @Override
        public void onEpochEnd(Model model) {
            calls.add("end");
        }
    }

    private static MultiLayerNetwork network(TrainingListener... listeners) {
        MultiLayerNetwork network = new MultiLayerNetwork(stack());
        network.init();
        network.setListeners(listeners);
        return network;
    }

    /** Trains by stock DL4J, in the order of the seed law. */
    private static MultiLayerNetwork stock(TrainingListener... listeners) {
        MultiLayerNetwork network = network(listeners);
        SeedLaw seeds = new SeedLaw(5);
        BatchPlan plan = new BatchPlan(seeds, EXAMPLES, BATCH, 1, Sampling.EPOCH);
        for (int epoch = 0; epoch < EPOCHS; epoch++) {
            network.getListeners().forEach(listener -> listener.onEpochStart(network));
            for (int i = 0; i < STEPS_AN_EPOCH; i++) {
                int step = STEPS_AN_EPOCH * epoch + i;
                List<DataSet> batch = new ArrayList<>();
                for (int position = 0; position < plan.batchSize(step); position++) {
                    int example = (int) plan.example(step, position);
                    batch.add(set(example, example + 1));
                }
                Nd4j.getRandom().setSeed(seeds.seed(Purpose.DROPOUT, epoch, step, 0));
                network.fit(DataSet.merge(batch));
            }
            network.getListeners().forEach(listener -> listener.onEpochEnd(network));
            network.incrementEpochCount();
        }
        return network;
    }

    private static MultiLayerNetwork ours(TrainingListener... listeners) {
        SparkDl4jMultiLayer trained = new SparkDl4jMultiLayer(
                spark,
                network(),
                new LockstepTrainingMaster.Builder(BATCH).seed(5).shards(1).build());
        trained.setListeners(listeners);
        for (int epoch = 0; epoch < EPOCHS; epoch++) {
            trained.fit(rdd(spark, 7, 2));
        }
        return trained.getNetwork();
    }

    private static File folder(String name) {
        File folder = temporary.resolve(name).toFile();
        assertThat(folder.isDirectory() || folder.mkdir()).isTrue();
        return folder;
    }

    private static Arguments listener(Supplier<TrainingListener> listener) {
        return Arguments.of(listener.get().getClass().getSimpleName(), listener);
    }

    static Stream<Arguments> shipped() {
        return Stream.of(
                listener(() -> new PerformanceListener(1, true, true)),
                listener(() -> new ScoreIterationListener(1)),
                listener(() -> new CollectScoresIterationListener(1)),
                listener(() -> new ComposableIterationListener(new PerformanceListener(2))),
                listener(() -> new TimeIterationListener(10)),
                listener(() -> new SleepyTrainingListener(
                        1, 1, 1, 1, 1, SleepyTrainingListener.SleepMode.PARK, SleepyTrainingListener.TimeMode.SIMPLE)),
                listener(() -> new CheckpointListener.Builder(folder("checkpoints"))
                        .saveEveryNIterations(2)
                        .saveEveryEpoch()
                        .keepAll()
                        .deleteExisting(true)
                        .build()),
                listener(() -> new EvaluativeListener(set(0, EXAMPLES), 2, InvocationType.ITERATION_END)),
                listener(() -> new FailureTestingListener(
                        FailureTestingListener.FailureMode.ILLEGAL_STATE,
                        new FailureTestingListener.IterationEpochTrigger(false, 1_000))),
                listener(() -> SystemInfoPrintListener.builder()
                        .printOnEpochStart(true)
                        .printOnEpochEnd(true)
                        .build()),
                listener(() -> SystemInfoFilePrintListener.builder()
                        .printOnEpochStart(true)
                        .printOnEpochEnd(true)
                        .printFileTarget(temporary.resolve("system-info").toFile())
                        .build()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("shipped")
    void seesWhatItSeesOfStock(String name, Supplier<TrainingListener> listener) {
        Seen stock = new Seen();
        stock(stock, listener.get());
        Seen ours = new Seen();
        MultiLayerNetwork trained = ours(ours, listener.get());
        assertThat(ours.calls).isEqualTo(stock.calls).hasSize(EPOCHS * (STEPS_AN_EPOCH + 2));
        for (int i = 0; i < stock.scores.size(); i++) {
            assertThat(ours.scores.get(i)).isCloseTo(stock.scores.get(i), within(1e-9));
        }
        assertThat(trained.getInput()).as("left behind").isNull();
    }

    /** CollectScoresListener cannot be made without fastutil, which neither this class path nor our jar has. */
    @Test
    void everyOneOfThemIsTried() throws Exception {
        Set<String> tried = new TreeSet<>(Set.of("CollectScoresListener"));
        shipped().forEach(arguments -> tried.add((String) arguments.get()[0]));
        Set<String> shipped = new TreeSet<>();
        shipped.addAll(listenersOf(PerformanceListener.class));
        shipped.addAll(listenersOf(SystemInfoPrintListener.class));
        assertThat(tried).isEqualTo(shipped);
    }

    /** The listeners that the jar of a class holds. */
    private static Set<String> listenersOf(Class<?> type) throws IOException, URISyntaxException {
        Set<String> names = new TreeSet<>();
        String location =
                type.getProtectionDomain().getCodeSource().getLocation().toURI().getPath();
        try (JarFile jar = new JarFile(location)) {
            for (var entry : (Iterable<java.util.jar.JarEntry>) jar.stream()::iterator) {
                if (entry.getName().matches("[^$]*Listener[.]class")) {
                    String name = entry.getName().replace('/', '.').replace(".class", "");
                    Class<?> found = load(name);
                    if (found != null
                            && TrainingListener.class.isAssignableFrom(found)
                            && !Modifier.isAbstract(found.getModifiers())) {
                        names.add(found.getSimpleName());
                    }
                }
            }
        }
        return names;
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name, false, Dl4jListenersTest.class.getClassLoader());
        } catch (ClassNotFoundException | LinkageError e) {
            return null;
        }
    }

    @Test
    void scoresAndEvaluationsAreThoseOfStock() {
        CollectScoresIterationListener stockScores = new CollectScoresIterationListener(1);
        EvaluativeListener stockEvaluation = new EvaluativeListener(set(0, EXAMPLES), 1, InvocationType.EPOCH_END);
        stock(stockScores, stockEvaluation);
        CollectScoresIterationListener scores = new CollectScoresIterationListener(1);
        EvaluativeListener evaluation = new EvaluativeListener(set(0, EXAMPLES), 1, InvocationType.EPOCH_END);
        ours(scores, evaluation);
        assertThat(scores.getScoreVsIter().getEffectiveScores())
                .hasSize(EPOCHS * STEPS_AN_EPOCH)
                .containsExactly(stockScores.getScoreVsIter().getEffectiveScores(), within(1e-9));
        assertThat(accuracy(evaluation)).isEqualTo(accuracy(stockEvaluation)).isGreaterThan(0.3);
    }

    private static double accuracy(EvaluativeListener listener) {
        return ((Evaluation) listener.getEvaluations()[0]).accuracy();
    }

    @Test
    void checkpointsOfAnEpochAreThoseOfStock() {
        CheckpointListener stock = checkpoints("stock");
        stock(stock);
        CheckpointListener ours = checkpoints("ours");
        ours(ours);
        for (int epoch = 0; epoch < EPOCHS; epoch++) {
            MultiLayerNetwork expected = stock.loadCheckpointMLN(epoch);
            MultiLayerNetwork saved = ours.loadCheckpointMLN(epoch);
            assertThat(floats(saved.params())).isEqualTo(floats(expected.params()));
            assertThat(floats(saved.updaterState())).isEqualTo(floats(expected.updaterState()));
            assertThat(saved.getIterationCount()).isEqualTo(expected.getIterationCount());
        }
    }

    private static CheckpointListener checkpoints(String folder) {
        return new CheckpointListener.Builder(folder(folder))
                .saveEveryEpoch()
                .keepAll()
                .build();
    }

    private static float[] floats(INDArray array) {
        return array.dup().data().asFloat();
    }

    @Test
    void aGraphHasABatchToo() {
        Seen seen = new Seen();
        ComputationGraph graph = new ComputationGraph(Dl4jPrograms.graph());
        graph.init();
        SparkComputationGraph trained = new SparkComputationGraph(
                spark, graph, new LockstepTrainingMaster.Builder(BATCH).seed(5).build());
        trained.setListeners(new PerformanceListener(1), seen);
        trained.fit(rdd(spark, 7, 2));
        assertThat(seen.calls).hasSize(STEPS_AN_EPOCH + 2).contains("iteration 4 of epoch 0, batch 2, input [2, 6]");
        assertThat(graph.getInputs()).isNull();
    }

    /** As stock DL4J gives it to the copies on its workers. */
    @Test
    void aRoutingListenerGetsTheStorageOfTheSparkObject() {
        StatsStorageRouter router = (StatsStorageRouter) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {StatsStorageRouter.class, java.io.Serializable.class},
                (proxy, method, arguments) -> null);
        List<StatsStorageRouter> set = new ArrayList<>();
        RoutingIterationListener routing = (RoutingIterationListener) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {RoutingIterationListener.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "setStorageRouter" -> {
                        set.add((StatsStorageRouter) arguments[0]);
                        yield null;
                    }
                    case "hashCode" -> 1;
                    case "equals" -> proxy == arguments[0];
                    case "toString" -> "routing";
                    default -> null;
                });
        SparkDl4jMultiLayer trained =
                new SparkDl4jMultiLayer(spark, network(), new LockstepTrainingMaster.Builder(BATCH).build());
        trained.setListeners(router, routing);
        assertThat(set).hasSize(1);
        assertThat(set.get(0) == router).isTrue();
    }
}
