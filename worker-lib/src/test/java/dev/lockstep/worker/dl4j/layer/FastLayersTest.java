package dev.lockstep.worker.dl4j.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.LossFunction;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.WeightInit;
import dev.lockstep.worker.model.layer.BatchNorm;
import dev.lockstep.worker.model.layer.Convolution;
import dev.lockstep.worker.model.layer.Dense;
import dev.lockstep.worker.model.layer.Dropout;
import dev.lockstep.worker.model.layer.Loss;
import dev.lockstep.worker.model.layer.Output;
import dev.lockstep.worker.model.layer.Part;
import dev.lockstep.worker.model.layer.Pooling;
import dev.lockstep.worker.model.optimizer.Nesterov;
import dev.lockstep.worker.natives.Natives;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.deeplearning4j.exception.DL4JInvalidConfigException;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Whole networks with our layers beside the same with DL4J's. */
class FastLayersTest {
    private static final int CLASSES = 10;

    /** The networks of conf/ of the same names. */
    private static NetworkSpec network(String name) {
        List<Part> layers = new ArrayList<>();
        switch (name) {
            case "lenet" -> lenet(layers, false, 5, 0, new int[] {20, 50}, 500);
            case "lenet-bn" -> lenet(layers, true, 5, 0, new int[] {20, 50}, 500);
            case "fashion-cnn" -> lenet(layers, true, 3, 1, new int[] {32, 64}, 128);
            case "deep-convnet" -> deep(layers);
            default -> throw new IllegalArgumentException(name);
        }
        return new NetworkSpec(new Shape(1, 28, 28), layers, new WeightInit.He(), new Nesterov(0.01, 0.9), 0, 1e-4);
    }

    private static void lenet(List<Part> layers, boolean batchNorm, int kernel, int padding, int[] filters, int units) {
        for (int count : filters) {
            var activation = batchNorm ? ActivationFunction.IDENTITY : ActivationFunction.RELU;
            layers.add(new Convolution(count, kernel, 1, padding, activation));
            if (batchNorm) {
                layers.add(new BatchNorm(0.9, 1e-5));
                layers.add(new dev.lockstep.worker.model.layer.Activation(ActivationFunction.RELU));
            }
            layers.add(new Pooling(Pooling.Kind.MAX, 2, 2, 0));
        }
        layers.add(new Dense(units, ActivationFunction.RELU));
        layers.add(new Dropout(0.5));
        layers.add(new Output(CLASSES, ActivationFunction.SOFTMAX, LossFunction.CROSS_ENTROPY));
    }

    private static void deep(List<Part> layers) {
        int[] filters = {16, 16, 32, 32, 64, 64};
        for (int i = 0; i < filters.length; i++) {
            layers.add(new Convolution(filters[i], 3, 1, i == 3 ? 2 : 1, ActivationFunction.RELU));
            if (i % 2 == 1) {
                layers.add(new Pooling(Pooling.Kind.MAX, 2, 2, 0));
            }
        }
        layers.add(new Dense(50, ActivationFunction.RELU));
        layers.add(new Dropout(0.5));
        layers.add(new Dense(CLASSES, ActivationFunction.IDENTITY));
        layers.add(new Dropout(0.5));
        layers.add(new Loss(ActivationFunction.SOFTMAX, LossFunction.CROSS_ENTROPY));
    }

    private static MultiLayerNetwork stock(NetworkSpec spec) {
        Natives.ready();
        MultiLayerNetwork network = new MultiLayerNetwork(Networks.stack(spec, 3));
        network.init();
        network.initGradientsView();
        return network;
    }

    private static MultiLayerNetwork fast(NetworkSpec spec) {
        MultiLayerNetwork network = stock(spec);
        assertThat(FastLayers.install(network))
                .allMatch(choice -> choice.stock().isEmpty());
        return network;
    }

    private static INDArray images(int batch) {
        Random random = new Random(batch);
        INDArray images = Nd4j.create(DataType.FLOAT, batch, 1, 28, 28);
        for (long i = 0; i < images.length(); i++) {
            images.putScalar(i, Math.max(0, random.nextGaussian()));
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

    @ParameterizedTest
    @ValueSource(strings = {"lenet", "lenet-bn", "fashion-cnn", "deep-convnet"})
    void aWholeNetworkGivesTheSameGradientDropoutIncluded(String name) {
        MultiLayerNetwork stock = stock(network(name));
        MultiLayerNetwork fast = fast(network(name));
        for (int batch : new int[] {8, 3}) {
            Nets.close("output", fast.output(images(batch), false), stock.output(images(batch), false), 1e-5);
            INDArray expected = Nets.gradient(stock, images(batch), labels(batch));
            INDArray actual = Nets.gradient(fast, images(batch), labels(batch));
            Nets.close("gradient", actual, expected, 1e-4);
        }
    }

    @Test
    void fitsAsDl4jDoesWithRaggedBatchesAndEvaluationBetween() {
        MultiLayerNetwork stock = stock(network("fashion-cnn"));
        MultiLayerNetwork fast = fast(network("fashion-cnn"));
        for (int batch : new int[] {16, 16, 5, 16, 1}) {
            for (MultiLayerNetwork network : List.of(stock, fast)) {
                Nd4j.getRandom().setSeed(batch);
                network.fit(images(batch), labels(batch));
            }
            Nets.close("output", fast.output(images(4), false), stock.output(images(4), false), 1e-3);
        }
        Nets.close("parameters", fast.params(), stock.params(), 1e-3);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void manyThreadsGiveTheBitsOfOne(int threads) throws Exception {
        NetworkSpec spec = network("lenet-bn");
        float[] expected = gradientBits(spec);
        var pool = Executors.newFixedThreadPool(threads);
        try {
            List<Callable<float[]>> tasks = new ArrayList<>();
            for (int i = 0; i < 2 * threads; i++) {
                tasks.add(() -> gradientBits(spec));
            }
            for (Future<float[]> gradient : pool.invokeAll(tasks)) {
                assertThat(gradient.get()).isEqualTo(expected);
            }
        } finally {
            pool.shutdownNow();
        }
    }

    private static float[] gradientBits(NetworkSpec spec) {
        MultiLayerNetwork network = fast(spec);
        Nets.gradient(network, images(20), labels(20));
        network.output(images(7), false); // leaves no trace
        return Nets.gradient(network, images(20), labels(20)).data().asFloat();
    }

    @Test
    void aNanReachesTheScore() {
        for (String name : List.of("lenet", "lenet-bn", "deep-convnet")) {
            INDArray images = images(4);
            images.putScalar(new int[] {1, 0, 14, 14}, Float.NaN);
            MultiLayerNetwork network = fast(network(name));
            INDArray gradient = Nets.gradient(network, images, labels(4));
            assertThat(gradient.sumNumber().doubleValue()).as(name).isNaN();
            assertThat(network.output(images, false).getRow(1).sumNumber().doubleValue())
                    .as(name)
                    .isNaN();
        }
    }

    static Stream<Layer> imageLayers() {
        return Stream.of(
                new LocalResponseNormalization.Builder().build(),
                new BatchNormalization(),
                new GlobalPoolingLayer(PoolingType.AVG),
                new SubsamplingLayer.Builder(PoolingType.AVG).build(),
                new ActivationLayer(Activation.RELU),
                new ActivationLayer(Activation.TANH),
                new ActivationLayer(Activation.SIGMOID),
                new ActivationLayer(Activation.LEAKYRELU),
                new DropoutLayer(0.6),
                convolution(3));
    }

    @ParameterizedTest
    @MethodSource("imageLayers")
    void whatIsNotFiniteComesOutAsDl4js(Layer layer) {
        Nets nets = new Nets(5, InputType.convolutional(7, 5, 3), List.of(layer));
        INDArray examples = notFinite(nets);
        for (boolean training : new boolean[] {false, true}) {
            Nd4j.getRandom().setSeed(3);
            float[] expected = activation(nets.stock, examples, training);
            Nd4j.getRandom().setSeed(3);
            float[] actual = activation(nets.fast, examples, training);
            assertThat(actual).hasSameSizeAs(expected);
            for (int i = 0; i < expected.length; i++) {
                if (Float.isFinite(expected[i])) {
                    assertThat(actual[i]).as("value " + i).isCloseTo(expected[i], within(1e-4f));
                } else {
                    assertThat(actual[i]).as("value " + i).isEqualTo(Float.valueOf(expected[i]));
                }
            }
        }
    }

    @Test
    void aNanIsTheMaximumOfItsImage() {
        Nets nets = new Nets(5, InputType.convolutional(7, 5, 3), List.of(new GlobalPoolingLayer(PoolingType.MAX)));
        float[] maxima = activation(nets.fast, notFinite(nets), false);
        assertThat(maxima[3]).isNaN(); // example 1, channel 0
        assertThat(maxima[7]).isEqualTo(Float.POSITIVE_INFINITY); // example 2, channel 1
        assertThat(maxima[11]).isFinite(); // example 3, channel 2
    }

    /** Four images, with a NaN, an infinity, and minus infinity in the last three. */
    private static INDArray notFinite(Nets nets) {
        INDArray examples = nets.examples(4);
        examples.putScalar(new int[] {1, 0, 2, 2}, Float.NaN);
        examples.putScalar(new int[] {2, 1, 3, 3}, Float.POSITIVE_INFINITY);
        examples.putScalar(new int[] {3, 2, 0, 1}, Float.NEGATIVE_INFINITY);
        return examples;
    }

    private static float[] activation(MultiLayerNetwork network, INDArray examples, boolean training) {
        return network.feedForwardToLayer(0, examples.dup(), training)
                .get(1)
                .dup('c')
                .data()
                .asFloat();
    }

    @Test
    void noLayerWritesOverWhatTheOneBeforeKeeps() {
        var pool = new SubsamplingLayer.Builder(PoolingType.MAX).build();
        var dense = new DenseLayer.Builder()
                .nOut(6)
                .activation(Activation.RELU)
                .dropOut(new Negation())
                .build();
        ConvolutionLayer negating = convolution(4);
        negating.setIDropout(new Negation());
        Nets nets = new Nets(
                5, InputType.convolutional(9, 8, 2), List.of(convolution(6), pool, negating, pool, dense, dense));
        assertThat(nets.choices).allMatch(choice -> choice.stock().isEmpty());
        nets.compare(6);
    }

    /** In the place of dropout: changes every input, in place if it may, and needs no random numbers. */
    private record Negation() implements IDropout {
        @Override
        public INDArray applyDropout(
                INDArray input, INDArray result, int iteration, int epoch, LayerWorkspaceMgr workspaces) {
            return result.assign(input.neg());
        }

        @Override
        public INDArray backprop(INDArray gradient, INDArray inputGradient, int iteration, int epoch) {
            return inputGradient.assign(gradient.neg());
        }

        @Override
        public void clear() {}

        @Override
        public IDropout clone() {
            return this;
        }
    }

    @Test
    void aStrictWindowFitsOrIsRefused() {
        var strict = new ConvolutionLayer.Builder(3, 2)
                .stride(2, 3)
                .convolutionMode(ConvolutionMode.Strict)
                .nOut(4)
                .build();
        new Nets(5, InputType.convolutional(9, 8, 2), List.of(strict)).compare(6);
        Nets nets = new Nets(5, InputType.convolutional(9, 8, 2), List.of(strict));
        INDArray tooHigh = nets.random(1, 6, 2, 10, 8);
        assertThatThrownBy(() -> nets.fast.output(tooHigh)).isInstanceOf(DL4JInvalidConfigException.class);
    }

    @Test
    void dl4jsLayersCanStandBetweenOurs() {
        var layers = List.of(
                convolution(6),
                new LocalResponseNormalization.Builder().build(),
                convolution(5),
                new DropoutLayer.Builder(0.7).build(),
                new ZeroPaddingLayer.Builder(1, 2).build(),
                convolution(4));
        Nets nets = new Nets(5, InputType.convolutional(9, 8, 2), layers);
        assertThat(nets.choices.stream().filter(choice -> !choice.stock().isEmpty()))
                .extracting(FastLayers.Choice::index)
                .containsExactly(4);
        nets.compare(6);
    }

    private static ConvolutionLayer convolution(int filters) {
        return new ConvolutionLayer.Builder(2, 2)
                .nOut(filters)
                .activation(Activation.RELU)
                .build();
    }

    @Test
    void flatImagesGoThroughDl4jsPreprocessor() {
        Nets nets = new Nets(5, InputType.convolutionalFlat(9, 8, 2), List.of(convolution(3)));
        INDArray examples = nets.random(1, 6, 144);
        INDArray labels = nets.labels(6);
        Nets.close(
                "gradient",
                Nets.gradient(nets.fast, examples, labels),
                Nets.gradient(nets.stock, examples, labels),
                1e-4);
    }

    @Test
    void whatIsSavedIsAPlainDl4jModel() throws IOException {
        MultiLayerNetwork network = fast(network("lenet"));
        network.fit(images(8), labels(8));
        var file = new ByteArrayOutputStream();
        ModelSerializer.writeModel(network, file, true);
        MultiLayerNetwork restored =
                ModelSerializer.restoreMultiLayerNetwork(new ByteArrayInputStream(file.toByteArray()), true);
        assertThat(restored.getLayerWiseConfigurations().toJson()).doesNotContain("lockstep.worker.dl4j.layer");
        assertThat(restored.getLayer(0).getClass())
                .isEqualTo(org.deeplearning4j.nn.layers.convolution.ConvolutionLayer.class);
        Nets.close("output", network.output(images(5), false), restored.output(images(5), false), 1e-5);
        assertThat(network.clone().getLayer(0).getClass())
                .isEqualTo(org.deeplearning4j.nn.layers.convolution.ConvolutionLayer.class);
    }

    @Test
    void aSecondInstallationChangesNothing() {
        MultiLayerNetwork network = fast(network("lenet"));
        var before = List.of(network.getLayers());
        FastLayers.install(network);
        assertThat(List.of(network.getLayers())).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"onednn", "off"})
    void switchedOffDl4jsLayersStay(String mode) {
        String before = System.getProperty("lockstep.kernels");
        System.setProperty("lockstep.kernels", mode);
        try {
            MultiLayerNetwork network = stock(network("lenet"));
            assertThat(FastLayers.install(network))
                    .allMatch(choice -> choice.stock().equals("kernels: " + mode.toUpperCase(Locale.ROOT)));
            assertThat(network.getLayer(0).getClass())
                    .isEqualTo(org.deeplearning4j.nn.layers.convolution.ConvolutionLayer.class);
            MultiLayerNetwork reference = stock(network("lenet"));
            Nets.close(
                    "gradient",
                    Nets.gradient(network, images(4), labels(4)),
                    Nets.gradient(reference, images(4), labels(4)),
                    1e-4);
        } finally {
            if (before == null) {
                System.clearProperty("lockstep.kernels");
            } else {
                System.setProperty("lockstep.kernels", before);
            }
        }
    }
}
