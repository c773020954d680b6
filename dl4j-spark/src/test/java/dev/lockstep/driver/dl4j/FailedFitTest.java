package dev.lockstep.driver.dl4j;

import static dev.lockstep.driver.dl4j.Dl4jPrograms.BATCH;
import static dev.lockstep.driver.dl4j.Dl4jPrograms.CLASSES;
import static dev.lockstep.driver.dl4j.Dl4jPrograms.EXAMPLES;
import static dev.lockstep.driver.dl4j.Dl4jPrograms.VALUES;
import static dev.lockstep.driver.dl4j.Dl4jPrograms.graph;
import static dev.lockstep.driver.dl4j.Dl4jPrograms.rdd;
import static dev.lockstep.driver.dl4j.Dl4jPrograms.set;
import static dev.lockstep.driver.dl4j.Dl4jPrograms.stack;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.driver.config.ExchangeKind;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.failure.DivergenceException;
import dev.lockstep.worker.natives.Natives;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** What a DL4J program is left with, and told, when its data, its listeners or the cluster fail it. */
class FailedFitTest {
    private static final AtomicInteger FAILED_TASKS = new AtomicInteger();

    private static JavaSparkContext spark;

    @BeforeAll
    static void start() {
        Natives.ready();
        spark = new JavaSparkContext(new SparkConf()
                .setMaster("local[2]")
                .setAppName("failed fit test")
                .set("spark.ui.enabled", "false"));
        spark.sc().addSparkListener(new SparkListener() {
            @Override
            public void onTaskEnd(SparkListenerTaskEnd end) {
                FAILED_TASKS.addAndGet(end.taskInfo().failed() ? 1 : 0);
            }
        });
    }

    @AfterAll
    static void stop() {
        spark.stop();
    }

    private static LockstepTrainingMaster.Builder master() {
        return new LockstepTrainingMaster.Builder(BATCH).seed(5).shards(2);
    }

    private static float[] floats(INDArray array) {
        return array.dup().data().asFloat();
    }

    /** All of a network that training changes. */
    private record Standing(
            List<Float> parameters, List<Float> updater, int iteration, int epoch, double score, double sparkScore) {

        static Standing of(SparkDl4jMultiLayer spark) {
            MultiLayerNetwork network = spark.getNetwork();
            return new Standing(
                    list(network.params()),
                    list(network.updaterState()),
                    network.getIterationCount(),
                    network.getEpochCount(),
                    network.score(),
                    spark.getScore());
        }

        private static List<Float> list(INDArray array) {
            List<Float> all = new ArrayList<>();
            for (float value : floats(array)) {
                all.add(value);
            }
            return all;
        }
    }

    /** Fails in the second epoch, of 5 steps from 5 on. */
    private static class FailsAt extends BaseTrainingListener {
        private final int iteration;
        private final Runnable failure;

        FailsAt(int iteration, Runnable failure) {
            this.iteration = iteration;
            this.failure = failure;
        }

        @Override
        public void iterationDone(Model model, int done, int epoch) {
            if (done == iteration) {
                failure.run();
            }
        }
    }

    private static void fails() {
        throw new IllegalStateException("a listener fails");
    }

    @ParameterizedTest
    @EnumSource(ExchangeKind.class)
    void aListenerThatThrowsLeavesTheNetworkAsItWas(ExchangeKind exchange) {
        SparkDl4jMultiLayer network = new SparkDl4jMultiLayer(
                spark, stack(), master().exchange(exchange).build());
        JavaRDD<DataSet> data = rdd(spark, 7, 2);
        network.fit(data);
        Standing before = Standing.of(network);
        network.setListeners(new FailsAt(7, FailedFitTest::fails));
        assertThatThrownBy(() -> network.fit(data)).hasMessage("a listener fails");
        assertThat(Standing.of(network)).isEqualTo(before);
        network.setListeners();
        network.fit(data);
        assertThat(floats(network.getNetwork().params())).isEqualTo(twoEpochs(exchange));
    }

    private static float[] twoEpochs(ExchangeKind exchange) {
        SparkDl4jMultiLayer network = new SparkDl4jMultiLayer(
                spark, stack(), master().exchange(exchange).build());
        JavaRDD<DataSet> data = rdd(spark, 7, 2);
        network.fit(data);
        return floats(network.fit(data).params());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void soDoesOneThatThrowsAroundAnEpoch(boolean start) {
        SparkDl4jMultiLayer network = new SparkDl4jMultiLayer(spark, stack(), master().build());
        JavaRDD<DataSet> data = rdd(spark, 7, 2);
        network.fit(data);
        Standing before = Standing.of(network);
        network.setListeners(new BaseTrainingListener() {
            @Override
            public void onEpochStart(Model model) {
                if (start) {
                    fails();
                }
            }

            @Override
            public void onEpochEnd(Model model) {
                fails();
            }
        });
        assertThatThrownBy(() -> network.fit(data)).hasMessage("a listener fails");
        assertThat(Standing.of(network)).isEqualTo(before);
    }

    /** Fails in the tasks, once told to. */
    public static final class Failing extends ActivationReLU {
        private static final long serialVersionUID = 1L;
        private static final AtomicBoolean NOW = new AtomicBoolean();

        @Override
        public INDArray getActivation(INDArray in, boolean training) {
            if (NOW.get()) {
                throw new IllegalStateException("a task fails");
            }
            return super.getActivation(in, training);
        }
    }

    @Test
    void soDoesALostJob() {
        MultiLayerConfiguration stack = stack();
        ((DenseLayer) stack.getConf(0).getLayer()).setActivationFn(new Failing());
        SparkDl4jMultiLayer network = new SparkDl4jMultiLayer(
                spark, stack, master().exchange(ExchangeKind.JOB).build());
        JavaRDD<DataSet> data = rdd(spark, 7, 2);
        network.fit(data);
        Standing before = Standing.of(network);
        network.setListeners(new FailsAt(7, () -> Failing.NOW.set(true)));
        try {
            assertThatThrownBy(() -> network.fit(data)).hasMessageContaining("a task fails");
        } finally {
            Failing.NOW.set(false);
        }
        assertThat(Standing.of(network)).isEqualTo(before);
    }

    /** Scala throws it undeclared. */
    @Test
    void soDoesAnInterruption() {
        SparkDl4jMultiLayer network = new SparkDl4jMultiLayer(
                spark, stack(), master().exchange(ExchangeKind.JOB).build());
        JavaRDD<DataSet> data = rdd(spark, 7, 2);
        network.fit(data);
        Standing before = Standing.of(network);
        network.setListeners(new FailsAt(7, () -> Thread.currentThread().interrupt()));
        assertThatThrownBy(() -> network.fit(data)).isInstanceOf(Exception.class);
        Thread.interrupted();
        assertThat(Standing.of(network)).isEqualTo(before);
    }

    @Test
    void soDoesDivergence() {
        SparkDl4jMultiLayer network = new SparkDl4jMultiLayer(spark, stack(), master().build());
        network.fit(rdd(spark, 7, 2));
        Standing before = Standing.of(network);
        DataSet infinite = set(0, EXAMPLES);
        infinite.getFeatures().putScalar(3, 1, Float.POSITIVE_INFINITY);
        assertThatThrownBy(() -> network.fit(spark.parallelize(List.of(infinite), 1)))
                .isInstanceOf(DivergenceException.class);
        assertThat(Standing.of(network)).isEqualTo(before);
    }

    private static DataSet wide(int values, int labels) {
        return new DataSet(Nd4j.zeros(DataType.FLOAT, 20, values), Nd4j.zeros(DataType.FLOAT, 20, labels));
    }

    @ParameterizedTest
    @EnumSource(ExchangeKind.class)
    void examplesThatDoNotFitTheNetworkAreToldOnceAndNoTaskFails(ExchangeKind exchange) {
        SparkDl4jMultiLayer network = new SparkDl4jMultiLayer(
                spark, stack(), master().exchange(exchange).build());
        SparkComputationGraph graph = new SparkComputationGraph(
                spark, graph(), master().exchange(exchange).build());
        Standing before = Standing.of(network);
        FAILED_TASKS.set(0);
        for (DataSet narrow : List.of(wide(VALUES - 1, CLASSES), wide(VALUES + 3, CLASSES))) {
            String start = "the network does not take the RDD's examples, of "
                    + narrow.getFeatures().size(1) + " values: ";
            assertThatThrownBy(() -> network.fit(spark.parallelize(List.of(narrow), 1)))
                    .isInstanceOf(DataException.class)
                    .hasMessageStartingWith(start)
                    .hasMessageNotContaining("\n");
            assertThatThrownBy(() -> graph.fit(spark.parallelize(List.of(narrow), 1)))
                    .isInstanceOf(DataException.class)
                    .hasMessageStartingWith(start);
        }
        DataSet labels = wide(VALUES, CLASSES + 1);
        String message = "the RDD's examples have 4 labels, but the network's output is [1, 3] for one example;"
                + " expected [1, 4]";
        assertThatThrownBy(() -> network.fit(spark.parallelize(List.of(labels), 1)))
                .isInstanceOf(DataException.class)
                .hasMessage(message);
        assertThatThrownBy(() -> graph.fit(spark.parallelize(List.of(labels), 1)))
                .isInstanceOf(DataException.class)
                .hasMessage(message);
        DataSet images = new DataSet(Nd4j.zeros(DataType.FLOAT, 20, 1, 2, 3), Nd4j.zeros(DataType.FLOAT, 20, CLASSES));
        assertThatThrownBy(() -> network.fit(spark.parallelize(List.of(images), 1)))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith("the network does not take the RDD's examples, of 1x2x3 values: ");
        assertThat(Standing.of(network)).isEqualTo(before);
        assertThat(FAILED_TASKS.get()).isZero();
    }

    @Test
    void examplesOfAnotherKindAreToldOnceAndNoTaskFails() {
        SparkDl4jMultiLayer network = new SparkDl4jMultiLayer(spark, stack(), master().build());
        SparkComputationGraph graph = new SparkComputationGraph(spark, graph(), master().build());
        FAILED_TASKS.set(0);
        DataSet masked = set(0, 20);
        masked.setFeaturesMaskArray(Nd4j.ones(DataType.FLOAT, 20, VALUES));
        assertThatThrownBy(() -> network.fit(spark.parallelize(List.of(set(0, 20), masked), 2)))
                .isInstanceOf(DataException.class)
                .hasMessage("a DataSet has a mask; expected examples without");
        DataSet sequence = new DataSet(Nd4j.zeros(DataType.FLOAT, 2, VALUES, 4), Nd4j.zeros(DataType.FLOAT, 2, 3, 4));
        assertThatThrownBy(() -> network.fit(spark.parallelize(List.of(sequence), 1)))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith("a DataSet has features of shape [2, 6, 4] and labels of shape [2, 3, 4]");
        MultiDataSet two = new org.nd4j.linalg.dataset.MultiDataSet(
                new INDArray[] {Nd4j.zeros(DataType.FLOAT, 20, VALUES)},
                new INDArray[] {Nd4j.zeros(DataType.FLOAT, 20, 3), Nd4j.zeros(DataType.FLOAT, 20, 3)});
        assertThatThrownBy(() -> graph.fitMultiDataSet(spark.parallelize(List.of(two), 1)))
                .isInstanceOf(DataException.class)
                .hasMessage("a MultiDataSet has 1 arrays of features and 2 of labels; expected one of each");
        assertThat(FAILED_TASKS.get()).isZero();
        assertThatThrownBy(() -> new SparkComputationGraph(spark, twoOutputs(), master().build())
                        .fitMultiDataSet(spark.parallelize(List.of(two), 1)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("the graph has 1 inputs and 2 outputs; expected one of each");
    }

    private static ComputationGraphConfiguration twoOutputs() {
        return new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.feedForward(VALUES))
                .addLayer("one", new OutputLayer.Builder().nIn(VALUES).nOut(3).build(), "in")
                .addLayer("two", new OutputLayer.Builder().nIn(VALUES).nOut(3).build(), "in")
                .setOutputs("one", "two")
                .build();
    }

    /** The score of {@code miniBatch(false)} is a sum over the examples, however they are spread over shards. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void aScoreThatIsASumIsTheSumOfAllShards(int syncEvery) {
        List<Double> scores = new ArrayList<>();
        ComputationGraph network = new ComputationGraph(graph(false));
        network.init();
        double expected = network.score(set(0, EXAMPLES), true);
        SparkComputationGraph ours = new SparkComputationGraph(
                spark,
                network,
                new LockstepTrainingMaster.Builder(EXAMPLES)
                        .shards(4)
                        .syncEvery(syncEvery)
                        .build());
        ours.setListeners(new BaseTrainingListener() {
            @Override
            public void iterationDone(Model model, int iteration, int epoch) {
                scores.add(model.score());
            }
        });
        ours.fit(rdd(spark, 7, 2));
        assertThat(scores).hasSize(1);
        assertThat(scores.get(0)).isCloseTo(expected, within(1e-5 * expected));
        assertThat(ours.getScore()).isEqualTo(scores.get(0));
    }

    /** calculateScore broadcasts the driver's own array, and Spark closes what it forgets of a broadcast. */
    @Test
    void parametersStayOpenWhenSparkForgetsABroadcastOfThem() {
        SparkDl4jMultiLayer network = new SparkDl4jMultiLayer(spark, stack(), master().build());
        JavaRDD<DataSet> data = rdd(spark, 7, 2);
        network.fit(data);
        float[] trained = floats(network.getNetwork().params());
        network.calculateScore(data, true);
        forgetBroadcasts();
        assertThat(network.getNetwork().params().wasClosed()).isFalse();
        assertThat(floats(network.getNetwork().params())).isEqualTo(trained);
        network.fit(data);
        assertThat(floats(network.getNetwork().params())).isEqualTo(twoEpochs(ExchangeKind.GANG));
    }

    @Test
    void closedParametersAreNamed() {
        SparkDl4jMultiLayer network = new SparkDl4jMultiLayer(spark, stack(), master().build());
        network.calculateScore(rdd(spark, 7, 2), true); // before our object ever saw the network
        forgetBroadcasts();
        assertThat(network.getNetwork().params().wasClosed()).isTrue();
        assertThatThrownBy(() -> network.fit(rdd(spark, 7, 2)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("the network's parameters are closed: Spark closes what was broadcast");
    }

    /** What Spark's cleaner does when the garbage collector has found them. */
    private static void forgetBroadcasts() {
        long last = spark.broadcast(0).id();
        for (long id = 0; id <= last; id++) {
            SparkEnv.get().blockManager().removeBroadcast(id, false);
        }
    }
}
