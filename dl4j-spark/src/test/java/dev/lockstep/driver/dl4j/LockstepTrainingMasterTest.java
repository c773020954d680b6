package dev.lockstep.driver.dl4j;

import static dev.lockstep.driver.dl4j.Dl4jPrograms.BATCH;
import static dev.lockstep.driver.dl4j.Dl4jPrograms.CLASSES;
import static dev.lockstep.driver.dl4j.Dl4jPrograms.EXAMPLES;
import static dev.lockstep.driver.dl4j.Dl4jPrograms.VALUES;
import static dev.lockstep.driver.dl4j.Dl4jPrograms.below;
import static dev.lockstep.driver.dl4j.Dl4jPrograms.graph;
import static dev.lockstep.driver.dl4j.Dl4jPrograms.set;
import static dev.lockstep.driver.dl4j.Dl4jPrograms.stack;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.driver.config.ExchangeKind;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.run.RunLog;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.natives.Natives;
import dev.lockstep.worker.plan.BatchPlan;
import dev.lockstep.worker.plan.Sampling;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.seed.SeedLaw.Purpose;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.layers.CenterLossOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Programs written for DL4J on Spark, with one line changed. */
class LockstepTrainingMasterTest {
    private static final String KERNELS = "lockstep.kernels";

    private static JavaSparkContext spark;

    @BeforeAll
    static void start() {
        Natives.ready();
        spark = new JavaSparkContext(new SparkConf()
                .setMaster("local[3]")
                .setAppName("training master test")
                .set("spark.ui.enabled", "false"));
    }

    @AfterAll
    static void stop() {
        spark.stop();
    }

    @AfterEach
    void kernelsAsTheyWere() {
        System.clearProperty(KERNELS);
    }

    private static JavaRDD<DataSet> rdd(int size, int partitions) {
        return Dl4jPrograms.rdd(spark, size, partitions);
    }

    private static LockstepTrainingMaster.Builder master() {
        return new LockstepTrainingMaster.Builder(BATCH).seed(5);
    }

    private static float[] floats(INDArray array) {
        return array.dup().data().asFloat();
    }

    /** With one shard and DL4J's own layers: fit, batch by batch, in the order of the seed law. */
    @Test
    void oneShardIsFit() {
        System.setProperty(KERNELS, "off");
        SparkDl4jMultiLayer ours =
                new SparkDl4jMultiLayer(spark, stack(), master().shards(1).build());
        MultiLayerNetwork fit = new MultiLayerNetwork(stack());
        fit.init();
        SeedLaw seeds = new SeedLaw(5);
        BatchPlan plan = new BatchPlan(seeds, EXAMPLES, BATCH, 1, Sampling.EPOCH);
        JavaRDD<DataSet> data = rdd(7, 3);
        for (int epoch = 0; epoch < 3; epoch++) {
            MultiLayerNetwork trained = ours.fit(data);
            for (int i = 0; i < 5; i++) {
                int step = 5 * epoch + i;
                List<DataSet> batch = new ArrayList<>();
                for (int position = 0; position < plan.batchSize(step); position++) {
                    int example = (int) plan.example(step, position);
                    batch.add(set(example, example + 1));
                }
                Nd4j.getRandom().setSeed(seeds.seed(Purpose.DROPOUT, epoch, step, 0));
                fit.fit(DataSet.merge(batch));
            }
            fit.incrementEpochCount();
            assertThat(floats(trained.params())).isEqualTo(floats(fit.params()));
            assertThat(floats(trained.updaterState())).isEqualTo(floats(fit.updaterState()));
            assertThat(trained.getIterationCount()).isEqualTo(fit.getIterationCount());
            assertThat(trained.getEpochCount()).isEqualTo(fit.getEpochCount());
            assertThat(ours.getScore()).isEqualTo(trained.score()).isCloseTo(fit.score(), within(1e-9));
        }
        Evaluation expected = new Evaluation();
        expected.eval(Dl4jPrograms.labels(), fit.output(Dl4jPrograms.features()));
        assertThat(ours.<Evaluation>evaluate(data).accuracy()).isEqualTo(expected.accuracy());
    }

    @Test
    void aStacksBitsDependOnTheOrderOfExamplesAlone() {
        bitsAreTheSame(master -> {
            SparkDl4jMultiLayer network = new SparkDl4jMultiLayer(spark, stack(), master);
            return data -> network.fit(data);
        });
    }

    @Test
    void aGraphsBitsDependOnTheOrderOfExamplesAlone() {
        bitsAreTheSame(master -> {
            SparkComputationGraph network = new SparkComputationGraph(spark, graph(), master);
            return data -> network.fit(data);
        });
    }

    private static void bitsAreTheSame(Function<LockstepTrainingMaster, Function<JavaRDD<DataSet>, Model>> networks) {
        float[] reference = twoEpochs(networks, rdd(1, 1), master());
        assertThat(twoEpochs(networks, rdd(7, 3), master())).isEqualTo(reference);
        assertThat(twoEpochs(networks, rdd(50, 4), master().exchange(ExchangeKind.LOCAL)))
                .as("three partitions without examples")
                .isEqualTo(reference);
        assertThat(twoEpochs(networks, rdd(3, 5), master().exchange(ExchangeKind.JOB)))
                .isEqualTo(reference);
        assertThat(twoEpochs(networks, rdd(7, 3), master().seed(6))).isNotEqualTo(reference);
        float[] averaged = twoEpochs(networks, rdd(7, 3), master().syncEvery(3));
        assertThat(averaged).isNotEqualTo(reference);
        assertThat(twoEpochs(networks, rdd(1, 1), master().syncEvery(3).exchange(ExchangeKind.LOCAL)))
                .isEqualTo(averaged);
    }

    private static float[] twoEpochs(
            Function<LockstepTrainingMaster, Function<JavaRDD<DataSet>, Model>> networks,
            JavaRDD<DataSet> data,
            LockstepTrainingMaster.Builder builder) {
        LockstepTrainingMaster master = builder.build();
        Function<JavaRDD<DataSet>, Model> network = networks.apply(master);
        Model first = network.apply(data);
        Model second = network.apply(data);
        assertThat(second).isSameAs(first);
        float[] trained = floats(second.params());
        assertThat(master.deleteTempFiles(spark)).isTrue();
        return trained;
    }

    @Test
    void listenersSeeEachStepOnceOnTheDriver() {
        List<Integer> iterations = new ArrayList<>();
        List<Double> scores = new ArrayList<>();
        List<String> epochs = new ArrayList<>();
        ComputationGraph network = new ComputationGraph(graph());
        network.init();
        SparkComputationGraph ours = new SparkComputationGraph(spark, network, master().build());
        ours.setListeners(new BaseTrainingListener() {
            @Override
            public void iterationDone(Model model, int iteration, int epoch) {
                iterations.add(iteration);
                scores.add(model.score());
                assertThat(model).isSameAs(network);
            }

            @Override
            public void onEpochStart(Model model) {
                epochs.add("start " + ((ComputationGraph) model).getEpochCount());
            }

            @Override
            public void onEpochEnd(Model model) {
                epochs.add("end " + ((ComputationGraph) model).getEpochCount());
            }
        });
        ours.fit(rdd(7, 2));
        ours.fit(rdd(7, 2));
        assertThat(iterations).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        assertThat(epochs).containsExactly("start 0", "end 0", "start 1", "end 1");
        assertThat(scores.get(9)).isLessThan(scores.get(0)).isEqualTo(ours.getScore());
    }

    @Test
    void saysWhatItCannotTrainOn() {
        MultiLayerNetwork network = new MultiLayerNetwork(stack());
        SparkDl4jMultiLayer ours = new SparkDl4jMultiLayer(spark, network, master().build());
        assertThatThrownBy(() -> ours.fit(spark.<DataSet>emptyRDD()))
                .isInstanceOf(DataException.class)
                .hasMessage("the RDD of DataSets holds no example");
        DataSet narrow = new DataSet(Nd4j.zeros(DataType.FLOAT, 2, 5), Nd4j.zeros(DataType.FLOAT, 2, CLASSES));
        assertThatThrownBy(() -> ours.fit(spark.parallelize(List.of(set(0, 20), narrow), 2)))
                .isInstanceOf(DataException.class)
                .hasMessage(
                        "the RDD holds examples of 6 values with 3 labels and others of 5 with 3; expected all of one"
                                + " size");
        DataSet sequence = new DataSet(Nd4j.zeros(2, VALUES, 4), Nd4j.zeros(2, CLASSES, 4));
        assertThatThrownBy(() -> ours.fit(spark.parallelize(List.of(sequence), 1)))
                .hasMessageContaining(
                        "a DataSet has features of shape [2, 6, 4] and labels of shape [2, 3, 4]; expected");
        assertThatThrownBy(() -> ours.fit(spark.parallelize(List.of(set(0, 5)), 1)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("the batch size is 12, but there are only 5 examples; make it smaller");
        assertThatThrownBy(() -> ours.fitPaths(spark.parallelize(List.of("a"), 1)))
                .hasMessageContaining("trains on RDDs of DataSets, not on paths");
        assertThatThrownBy(() -> master().shards(13).build())
                .isInstanceOf(ConfigurationException.class)
                .hasMessageEndingWith("found shards = 13, syncEvery = 1, batch size = 12");
        MultiLayerConfiguration doubles = stack();
        doubles.setDataType(DataType.DOUBLE);
        assertThatThrownBy(() -> new SparkDl4jMultiLayer(spark, doubles, master().build()).fit(rdd(7, 2)))
                .hasMessage("the network computes with DOUBLE; expected dataType(DataType.FLOAT)");
    }

    /** Centre loss looks at all examples of a batch that have one class, of which a shard sees its own alone. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void whatIsNoSumOverShardsIsSaid(int shards, @TempDir Path folder) throws IOException {
        RunFolder run = RunFolder.at(folder.toString(), new Configuration());
        try (RunLog log = RunLog.ofThread(run)) {
            new SparkDl4jMultiLayer(
                            spark,
                            below(new CenterLossOutputLayer.Builder(LossFunction.MCXENT)
                                    .nIn(8)
                                    .nOut(CLASSES)
                                    .activation(Activation.SOFTMAX)
                                    .build()),
                            master().shards(shards).build())
                    .fit(rdd(7, 2));
        }
        String warning =
                "CenterLossOutputLayer counts the examples of a batch; with several shards it counts in each shard";
        assertThat(Files.readString(folder.resolve("train.log")).contains(warning))
                .isEqualTo(shards > 1);
    }

    @Test
    void describesItself() {
        assertThat(master().build().toJson())
                .isEqualTo("{\"batchSize\":12,\"shards\":4,\"syncEvery\":1,\"seed\":5,\"exchange\":\"GANG\"}");
        assertThat(master().build().toYaml()).startsWith("batchSize: 12\nshards: 4\n");
    }
}
