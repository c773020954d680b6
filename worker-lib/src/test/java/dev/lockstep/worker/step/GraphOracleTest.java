package dev.lockstep.worker.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.worker.dl4j.Dl4jDefinition;
import dev.lockstep.worker.dl4j.Network;
import dev.lockstep.worker.dl4j.TrainableDl4jModel;
import dev.lockstep.worker.dl4j.layer.FastLayers;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.natives.Natives;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.seed.SeedLaw.Purpose;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.constraint.MaxNormConstraint;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/** A graph of layers trains as a stack does: with one shard a step, to the bits of {@code ComputationGraph.fit}. */
class GraphOracleTest {
    private static final String KERNELS = "lockstep.kernels";
    private static final int STEPS = 40;
    private static final int CLASSES = 4;
    private static final Shape IMAGE = new Shape(1, 8, 8);
    private static final SeedLaw SEEDS = new SeedLaw(42);

    static Stream<IUpdater> optimizers() {
        return Stream.of(
                new Sgd(0.05),
                new Nesterovs(0.05, 0.9),
                new Adam(0.001),
                new Adam(new ExponentialSchedule(ScheduleType.ITERATION, 0.01, 0.9)));
    }

    /** Its block's two ways are of different lengths, so that DL4J's flat order is not the order of declaration. */
    private static ComputationGraphConfiguration residual(IUpdater optimizer) {
        return new NeuralNetConfiguration.Builder()
                .seed(7)
                .updater(optimizer)
                .l2(1e-3)
                .convolutionMode(ConvolutionMode.Same)
                .graphBuilder()
                .addInputs("image")
                .setInputTypes(InputType.convolutional(8, 8, 1))
                .addLayer("stem", convolution(6, 3), "image")
                .addLayer("long 1", convolution(8, 3), "stem")
                .addLayer("norm", new BatchNormalization(), "long 1")
                .addLayer("relu", new ActivationLayer(Activation.RELU), "norm")
                .addLayer("long 2", convolution(8, 3), "relu")
                .addLayer("short", convolution(8, 1), "stem")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "long 2", "short")
                .addLayer("dropout", new DropoutLayer(0.7), "sum")
                .addLayer(
                        "hidden",
                        new DenseLayer.Builder()
                                .nOut(12)
                                .activation(Activation.RELU)
                                .constrainWeights(new MaxNormConstraint(0.9, 1))
                                .build(),
                        "dropout")
                .addLayer("out", output(), "hidden")
                .setOutputs("out")
                .build();
    }

    private static ConvolutionLayer convolution(int filters, int kernel) {
        return new ConvolutionLayer.Builder(kernel, kernel)
                .nOut(filters)
                .activation(Activation.IDENTITY)
                .build();
    }

    private static OutputLayer output() {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .nOut(CLASSES)
                .activation(Activation.SOFTMAX)
                .build();
    }

    private static ComputationGraph stock(IUpdater optimizer) {
        ComputationGraph stock = new ComputationGraph(residual(optimizer));
        stock.init();
        return stock;
    }

    private static Dl4jDefinition definition(ComputationGraph graph) {
        return new Dl4jDefinition(graph.getConfiguration().toJson(), IMAGE, CLASSES);
    }

    @BeforeAll
    static void oneThread() {
        Natives.ready();
    }

    @AfterEach
    void kernelsAsTheyWere() {
        System.clearProperty(KERNELS);
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void oneShardIsStockDl4j(IUpdater optimizer) {
        System.setProperty(KERNELS, "off"); // DL4J as it comes, on both sides
        equalsFit(optimizer, stock(optimizer));
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void oneShardIsDl4jWithOurLayers(IUpdater optimizer) {
        ComputationGraph stock = stock(optimizer);
        FastLayers.install(stock);
        equalsFit(optimizer, stock);
    }

    private static void equalsFit(IUpdater optimizer, ComputationGraph stock) {
        Replica replica = new Replica(definition(stock), SEEDS);
        replica.setOptimizerState(new float[replica.optimizerState().length]);
        INDArray state = stock.getUpdater().getStateViewArray();
        if (state != null) {
            state.assign(0);
        }
        float[] initial = replica.parameters();
        assertThat(initial).isEqualTo(stock.params().data().asFloat());

        int[] sizes = {12, 12, 5, 1};
        for (int step = 0; step < STEPS; step++) {
            int epoch = step / sizes.length;
            List<byte[]> batch = Examples.random(IMAGE, CLASSES, sizes[step % sizes.length], step);
            StepId id = new StepId(step, epoch, batch.size());
            StepMetrics metrics = replica.step(id, replica.gradient(id, 0, batch));
            assertThat(metrics.learningRate()).isEqualTo(optimizer.getLearningRate(step, epoch));

            Nd4j.getRandom().setSeed(SEEDS.seed(Purpose.DROPOUT, epoch, step, 0));
            stock.getConfiguration().setEpochCount(epoch);
            stock.fit(
                    new INDArray[] {Examples.features(IMAGE, batch)}, new INDArray[] {Examples.labels(CLASSES, batch)});

            assertThat(replica.parameters())
                    .as("parameters after step %d", step)
                    .isEqualTo(stock.params().data().asFloat());
            assertThat(replica.optimizerState())
                    .as("optimizer state after step %d", step)
                    .isEqualTo(state == null ? new float[0] : state.data().asFloat());
        }
        assertThat(replica.parameters()).isNotEqualTo(initial);
    }

    /** Layers are numbered in the flat order: the short way's convolution comes before the second of the long way. */
    @Test
    void normsAreThoseOfTheLayersOfTheFlatVector() {
        ComputationGraph stock = stock(new Sgd(0.05));
        Replica replica = new Replica(definition(stock), SEEDS);
        List<byte[]> batch = Examples.random(IMAGE, CLASSES, 9, 3);
        StepId id = new StepId(0, 0, 9);
        PartialSum sum = replica.gradient(id, 0, batch);
        float[] gradient = sum.gradient().clone();
        List<String> layers = ((TrainableDl4jModel) replica.model())
                .network().layers().stream()
                        .map(layer -> layer.conf().getLayer().getLayerName())
                        .toList();
        assertThat(layers.indexOf("short")).isLessThan(layers.indexOf("long 2"));
        int stem = 6 * 9 + 6;
        int first = 6 * 8 * 9 + 8;
        double square = 0;
        for (int i = stem; i < stem + first; i++) {
            square += (double) gradient[i] * gradient[i];
        }
        assertThat(replica.step(id, sum).layerGradientNorms().get(1)).isCloseTo(Math.sqrt(square) / 9, within(1e-9));
    }

    @Test
    void answersAsTheGraphDoes() {
        ComputationGraph stock = stock(new Sgd(0.05));
        List<byte[]> examples = Examples.random(IMAGE, CLASSES, 7, 5);
        float[][] expected =
                stock.outputSingle(Examples.features(IMAGE, examples)).toFloatMatrix();
        float[][] actual = Predictor.with(
                stock.getConfiguration().toJson(),
                ExampleFormat.bytes(IMAGE, CLASSES),
                stock.params().data().asFloat(),
                predictor -> predictor.predict(examples).outputs());
        for (int i = 0; i < 7; i++) {
            assertThat(actual[i]).containsExactly(expected[i], within(1e-5f));
        }
    }

    @Test
    void refusesAGraphOfTwoOutputs() {
        ComputationGraphConfiguration two = new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.feedForward(3))
                .addLayer("a", output(), "in")
                .addLayer("b", output(), "in")
                .setOutputs("a", "b")
                .build();
        assertThatThrownBy(() -> Network.fromJson(two.toJson()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("the graph has 1 inputs and 2 outputs; expected one of each");
    }
}
