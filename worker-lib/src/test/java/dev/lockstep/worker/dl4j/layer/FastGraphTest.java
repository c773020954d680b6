package dev.lockstep.worker.dl4j.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.worker.natives.Natives;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions;

/** Graphs with our layers beside the same with DL4J's. */
class FastGraphTest {
    private static final int CLASSES = 5;
    private static final int[] IMAGE = {3, 12, 10};

    private static GraphBuilder builder() {
        return new NeuralNetConfiguration.Builder()
                .seed(11)
                .dataType(DataType.FLOAT)
                .updater(new Sgd(0.05))
                .graphBuilder()
                .addInputs("image")
                .setInputTypes(InputType.convolutional(IMAGE[1], IMAGE[2], IMAGE[0]));
    }

    /** conv - bn - relu, a block with a shortcut, pooling, dropout, dense, output (He et al. 2016). */
    private static ComputationGraphConfiguration residual() {
        return builder()
                .addLayer("conv1", conv(8, 3, Activation.IDENTITY), "image")
                .addLayer("bn1", new BatchNormalization(), "conv1")
                .addLayer("relu1", new ActivationLayer(Activation.RELU), "bn1")
                .addLayer("conv2", conv(8, 3, Activation.RELU), "relu1")
                .addLayer("conv3", conv(8, 3, Activation.IDENTITY), "conv2")
                .addLayer("bn3", new BatchNormalization(), "conv3")
                .addVertex("sum", sum(), "bn3", "relu1")
                .addLayer("relu3", new ActivationLayer(Activation.RELU), "sum")
                .addLayer("pool", pool(), "relu3")
                .addLayer("dropout", new DropoutLayer(0.7), "pool")
                .addLayer("dense", dense(20), "dropout")
                .addLayer("output", output(), "dense")
                .setOutputs("output")
                .build();
    }

    /** Two readers of the image, joined by what else DL4J has: a product, a scale, a merge, a maximum. */
    private static ComputationGraphConfiguration branches() {
        return builder()
                .addLayer("a", conv(6, 3, Activation.RELU), "image")
                .addLayer("b", conv(6, 1, Activation.TANH), "image")
                .addVertex("product", new ElementWiseVertex(ElementWiseVertex.Op.Product), "a", "b")
                .addVertex("scaled", new ScaleVertex(0.5), "product")
                .addVertex("merged", new MergeVertex(), "scaled", "a")
                .addLayer("pool", pool(), "merged")
                .addLayer("left", dense(7), "pool")
                .addLayer("right", dense(7), "pool")
                .addVertex("max", new ElementWiseVertex(ElementWiseVertex.Op.Max), "left", "right")
                .addVertex("difference", new ElementWiseVertex(ElementWiseVertex.Op.Subtract), "max", "left")
                .addVertex("average", new ElementWiseVertex(ElementWiseVertex.Op.Average), "difference", "right")
                .addLayer("output", output(), "average")
                .setOutputs("output")
                .build();
    }

    /** What is added is read by others too, in an order that adds to one summand's gradient after the sum gave it. */
    private static ComputationGraphConfiguration sums() {
        return builder()
                .addLayer("a", conv(6, 3, Activation.RELU), "image")
                .addLayer("b", conv(6, 1, Activation.IDENTITY), "image")
                .addLayer("c", conv(6, 3, Activation.TANH), "b")
                .addVertex("first", sum(), "a", "b")
                .addVertex("second", sum(), "first", "c", "a")
                .addLayer("pool", pool(), "second")
                .addLayer("left", dense(7), "pool")
                .addLayer("right", dense(7), "left")
                .addVertex("vectors", sum(), "left", "right")
                .addLayer("output", output(), "vectors")
                .setOutputs("output")
                .build();
    }

    private static ElementWiseVertex sum() {
        return new ElementWiseVertex(ElementWiseVertex.Op.Add);
    }

    /** The layers that stand in none of the above. */
    private static ComputationGraphConfiguration mixed() {
        return builder()
                .addLayer("conv1", conv(6, 3, Activation.TANH), "image")
                .addLayer("norm", new LocalResponseNormalization.Builder().build(), "conv1")
                .addLayer("dropout", new DropoutLayer(0.8), "norm")
                .addLayer("conv2", conv(9, 2, Activation.IDENTITY), "dropout")
                .addLayer("sigmoid", new ActivationLayer(Activation.SIGMOID), "conv2")
                .addLayer("max", new GlobalPoolingLayer(PoolingType.MAX), "sigmoid")
                .addLayer("average", new GlobalPoolingLayer(PoolingType.AVG), "sigmoid")
                .addVertex("merged", new MergeVertex(), "max", "average")
                .addLayer("dense", dense(11), "merged")
                .addLayer("bn", new BatchNormalization(), "dense")
                .addLayer("leaky", new ActivationLayer(Activation.LEAKYRELU), "bn")
                .addLayer("output", output(), "leaky")
                .setOutputs("output")
                .build();
    }

    private static ConvolutionLayer conv(int filters, int kernel, Activation activation) {
        return new ConvolutionLayer.Builder(kernel, kernel)
                .convolutionMode(ConvolutionMode.Same)
                .nOut(filters)
                .activation(activation)
                .build();
    }

    private static SubsamplingLayer pool() {
        return new SubsamplingLayer.Builder(PoolingType.MAX)
                .kernelSize(2, 2)
                .stride(2, 2)
                .build();
    }

    private static DenseLayer dense(int units) {
        return new DenseLayer.Builder().nOut(units).activation(Activation.RELU).build();
    }

    private static OutputLayer output() {
        return new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                .nOut(CLASSES)
                .activation(Activation.SOFTMAX)
                .build();
    }

    private static ComputationGraph stock(ComputationGraphConfiguration configuration) {
        Natives.ready();
        ComputationGraph graph = new ComputationGraph(configuration.clone());
        graph.init();
        graph.initGradientsView();
        return graph;
    }

    private static ComputationGraph fast(ComputationGraphConfiguration configuration) {
        ComputationGraph graph = stock(configuration);
        assertThat(FastLayers.install(graph))
                .filteredOn(choice -> graph.getVertices()[choice.index()].hasLayer())
                .filteredOn(choice -> !choice.type().equals("Flattening"))
                .hasSize(graph.getNumLayers())
                .allMatch(choice -> choice.stock().isEmpty());
        return graph;
    }

    private static ComputationGraphConfiguration configuration(String name) {
        return switch (name) {
            case "residual" -> residual();
            case "branches" -> branches();
            case "sums" -> sums();
            default -> mixed();
        };
    }

    private static INDArray images(int batch) {
        Random random = new Random(batch);
        INDArray images = Nd4j.create(DataType.FLOAT, batch, IMAGE[0], IMAGE[1], IMAGE[2]);
        for (long i = 0; i < images.length(); i++) {
            images.putScalar(i, random.nextGaussian());
        }
        return images;
    }

    private static INDArray labels(int batch) {
        INDArray labels = Nd4j.zeros(DataType.FLOAT, batch, CLASSES);
        for (int i = 0; i < batch; i++) {
            labels.putScalar(i, i % CLASSES, 1);
        }
        return labels;
    }

    private static Map<String, INDArray> activations(ComputationGraph graph, int batch) {
        Nd4j.getRandom().setSeed(17);
        return graph.feedForward(images(batch), true);
    }

    private static INDArray gradient(ComputationGraph graph, int batch) {
        Nd4j.getRandom().setSeed(17);
        graph.setInputs(images(batch));
        graph.setLabels(labels(batch));
        graph.computeGradientAndScore();
        return graph.getGradientsViewArray().dup();
    }

    @ParameterizedTest
    @ValueSource(strings = {"residual", "branches", "sums", "mixed"})
    void givesTheActivationsScoreAndGradientOfDl4js(String name) {
        ComputationGraph stock = stock(configuration(name));
        ComputationGraph fast = fast(configuration(name));
        for (int batch : new int[] {8, 3, 1}) {
            Nets.close("output", fast.outputSingle(images(batch)), stock.outputSingle(images(batch)), 1e-5);
            Map<String, INDArray> expected = activations(stock, batch);
            Map<String, INDArray> actual = activations(fast, batch);
            expected.keySet().removeAll(List.of("pool", "norm")); // DL4J's dropout writes over its input
            expected.forEach((vertex, array) -> Nets.close(vertex, actual.get(vertex), array, 1e-5));
            INDArray expectedGradient = gradient(stock, batch);
            Nets.close("gradient", gradient(fast, batch), expectedGradient, 1e-4);
            assertThat(fast.score()).isCloseTo(stock.score(), within(1e-5));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"residual", "branches", "sums", "mixed"})
    void fitsAsDl4jDoes(String name) {
        ComputationGraph stock = stock(configuration(name));
        ComputationGraph fast = fast(configuration(name));
        for (int batch : new int[] {16, 5, 16, 1}) {
            for (ComputationGraph graph : List.of(stock, fast)) {
                Nd4j.getRandom().setSeed(batch);
                graph.fit(new INDArray[] {images(batch)}, new INDArray[] {labels(batch)});
            }
        }
        Nets.close("parameters", fast.params(), stock.params(), 1e-3);
    }

    @ParameterizedTest
    @CsvSource({"mixed, 1", "mixed, 2", "mixed, 4", "residual, 4", "sums, 4"})
    void manyThreadsGiveTheBitsOfOne(String name, int threads) throws Exception {
        float[] expected = gradientBits(name);
        var pool = Executors.newFixedThreadPool(threads);
        try {
            Callable<float[]> task = () -> gradientBits(name);
            for (Future<float[]> bits : pool.invokeAll(Collections.nCopies(2 * threads, task))) {
                assertThat(bits.get()).isEqualTo(expected);
            }
        } finally {
            pool.shutdownNow();
        }
    }

    private static float[] gradientBits(String name) {
        ComputationGraph graph = fast(configuration(name));
        gradient(graph, 20);
        graph.outputSingle(images(7)); // leaves no trace
        return gradient(graph, 20).data().asFloat();
    }

    @Test
    void sumsAreOursAndTheOtherVerticesShow() {
        ComputationGraph sums = stock(sums());
        var choices = FastLayers.install(sums);
        gradient(sums, 4);
        assertThat(choices)
                .filteredOn(choice -> choice.type().equals("ElementWiseVertex"))
                .hasSize(3)
                .allSatisfy(choice -> {
                    assertThat(choice.stock()).isEmpty();
                    assertThat(choice.kernel()).isEqualTo("FastSum");
                    assertThat(choice.passes().forward()).isEqualTo(1);
                    assertThat(choice.passes().backward()).isEqualTo(1);
                    assertThat(choice.passes().stockForward()).isZero();
                });
        assertThat(sums.getVertex("first"))
                .isInstanceOf(FastSum.class)
                .isSameAs(sums.getVertices()[sums.getVertex("first").getVertexIndex()]);

        assertThat(FastLayers.install(stock(branches())))
                .filteredOn(choice -> !choice.stock().isEmpty())
                .extracting(choice -> choice.type() + ": " + choice.stock())
                .containsExactlyInAnyOrder(
                        "ElementWiseVertex: operation Product",
                        "ScaleVertex: no kernel",
                        "ElementWiseVertex: operation Max",
                        "ElementWiseVertex: operation Subtract");
    }

    @Test
    void aLayerInsideAnotherVertexStaysDl4js() {
        ComputationGraphConfiguration configuration = residual();
        var first = (LayerVertex) configuration.getVertices().get("conv1");
        configuration.getVertices().put("conv1", new FrozenVertex(first));
        ComputationGraph graph = stock(configuration);
        assertThat(FastLayers.install(graph).get(0).stock()).isEqualTo("inside a FrozenVertex");
        ComputationGraph reference = stock(configuration);
        Nets.close("gradient", gradient(graph, 4), gradient(reference, 4), 1e-4);
    }

    @Test
    void whatIsSavedIsAPlainDl4jModel() throws IOException {
        ComputationGraph graph = fast(residual());
        graph.fit(new INDArray[] {images(8)}, new INDArray[] {labels(8)});
        var file = new ByteArrayOutputStream();
        ModelSerializer.writeModel(graph, file, true);
        ComputationGraph restored =
                ModelSerializer.restoreComputationGraph(new ByteArrayInputStream(file.toByteArray()), true);
        assertThat(restored.getConfiguration().toJson()).doesNotContain("lockstep.worker.dl4j.layer");
        for (Layer layer : restored.getLayers()) {
            assertThat(layer.getClass().getPackageName()).startsWith("org.deeplearning4j");
        }
        Nets.close("output", graph.outputSingle(images(5)), restored.outputSingle(images(5)), 1e-5);
    }

    @Test
    void aSecondInstallationChangesNothing() {
        ComputationGraph graph = fast(residual());
        var before = List.of(graph.getLayers());
        GraphVertex sum = graph.getVertex("sum");
        FastLayers.install(graph);
        assertThat(List.of(graph.getLayers())).isEqualTo(before);
        assertThat(graph.getVertex("sum")).isSameAs(sum);
    }
}
